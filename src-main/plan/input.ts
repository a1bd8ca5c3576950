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

/** A service's replicas by number, then age; one-offs are not its own. */
export function replicasOf(observed: ObservedState, service: string): ObservedContainer[] {
  return observed.containers
    .filter((container) => container.service === service && !container.oneOff)
    .sort((a, b) => a.number - b.number || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
}

/** Whether others wait for it to end: such a service is done when it has exited 0. */
export function isAwaitedToEnd(project: Project, name: string): boolean {
  return Object.values(project.services).some(
    (other) => other.depends_on?.[name]?.condition === 'service_completed_successfully',
  );
}

/** Whether a container has done what it was for: it need not run again. */
export function isDone(project: Project, container: ObservedContainer): boolean {
  if (container.state !== 'exited' || container.exitCode !== 0) return false;
  return isAwaitedToEnd(project, container.service) || container.endedItself === true;
}
