import { perObject } from '#base/perObject.ts';
import type { Project, Service } from '#compose/project.ts';
import type { ConfigHashes } from './hashes.ts';
import type { ObservedContainer, ObservedState } from './observed.ts';
import type { ReconcileOptions } from './options.ts';

/** All that a plan is made of. */
export interface ReconcileInput {
  /** What the files say, overrides included. */
  readonly project: Project;
  readonly observed: ObservedState;
  readonly hashes: ConfigHashes;
  /** The engine's API version. */
  readonly apiVersion: string;
  readonly options: ReconcileOptions;
}

export function serviceOf(project: Project, name: string): Service {
  const service = project.services[name];
  if (service === undefined) throw new RangeError(`No service ${name} in project ${project.name}`);
  return service;
}

/** How many containers a service is to have. Source: compose-spec, `scale` before `deploy.replicas`. */
export function wantedReplicas(name: string, service: Service, options: ReconcileOptions): number {
  return options.scale?.[name] ?? service.scale ?? service.deploy?.replicas ?? 1;
}

// Hundreds of services are asked about one by one: what is asked of all of them is worked out once.
const replicasByService = perObject((containers: ObservedState['containers']) => {
  const own = containers.filter(({ oneOff }) => !oneOff);
  const sorted = own.sort(
    (a, b) => a.number - b.number || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1),
  );
  const byService = new Map<string, ObservedContainer[]>();
  for (const container of sorted) {
    const replicas = byService.get(container.service);
    if (replicas === undefined) byService.set(container.service, [container]);
    else replicas.push(container);
  }
  return byService;
});

/** A service's replicas by number, then age; one-offs are not its own. */
export function replicasOf(observed: ObservedState, service: string): readonly ObservedContainer[] {
  return replicasByService(observed.containers).get(service) ?? [];
}

const awaitedToEnd = perObject((services: Project['services']) => {
  const dependencies = Object.values(services).flatMap((service) => Object.entries(service.depends_on ?? {}));
  return new Set(
    dependencies.flatMap(([name, { condition }]) =>
      condition === 'service_completed_successfully' ? [name] : [],
    ),
  );
});

/** Whether others wait for it to end: such a service is done when it has exited 0. */
export function isAwaitedToEnd(project: Project, name: string): boolean {
  return awaitedToEnd(project.services).has(name);
}

/** Whether a container has done what it was for: it need not run again. */
export function isDone(project: Project, container: ObservedContainer): boolean {
  if (container.state !== 'exited' || container.exitCode !== 0) return false;
  return isAwaitedToEnd(project, container.service) || container.endedItself === true;
}
