import type { Project } from '#compose/project.ts';
import { requireServices } from '#compose/unknownService.ts';
import { PlanBuilder } from './builder.ts';
import type { ReconcileInput } from './input.ts';
import type { ObservedContainer, ObservedNetwork, ObservedState, ObservedVolume } from './observed.ts';
import type { Plan } from './plan.ts';
import { isUp, stopContainer } from './stopContainer.ts';
import { asServiceName, existing } from './work.ts';

/** What a stop or a down is made of. */
export interface TeardownInput {
  readonly project: Project;
  readonly observed: ObservedState;
  /** Only these services' containers, without what depends on them; all when left out. */
  readonly services?: readonly string[] | undefined;
  readonly graceSeconds?: number | undefined;
}

export interface DownInput extends TeardownInput {
  /** `remove`: the project's own volumes go too; each is a hazard that wants a consent. */
  readonly volumes: 'keep' | 'remove';
  /** Containers of this project and folder that belong to no service of the file. */
  readonly orphans: 'keep' | 'remove';
}

type Teardown = Pick<ReconcileInput, 'project' | 'observed' | 'options'> &
  Pick<ReconcileInput, 'hashes' | 'apiVersion'>;

/** Stops what runs, dependents before what they depend on. Nothing is removed. */
export function planStop(input: TeardownInput): Plan {
  const builder = new PlanBuilder();
  stopAll(builder, input, chosen(input, input.services));
  return builder.build();
}

/** Stops and removes containers and networks; volumes only when asked for. What is external stays. */
export function planDown(input: DownInput): Plan {
  const builder = new PlanBuilder();
  const containers = chosen(input, input.services).filter(
    (container) => input.orphans === 'remove' || isOfProject(input.project, container.service),
  );
  const stops = stopAll(builder, input, containers);
  const removed = containers.map((container) =>
    builder.add({
      kind: 'remove',
      service: asServiceName(container.service),
      container: existing(container),
      anonymousVolumes: input.volumes,
      after: [stops.get(container.id) ?? 0],
      cause: 'down',
    }),
  );
  if (input.services === undefined || input.services.length === 0) removeResources(builder, input, removed);
  return builder.build();
}

function removeResources(builder: PlanBuilder, input: DownInput, removed: readonly number[]): void {
  for (const network of ownNetworks(input))
    builder.add({ kind: 'removeNetwork', id: network.id, name: network.name, after: removed, cause: 'down' });
  if (input.volumes === 'keep') return;
  for (const volume of ownVolumes(input)) {
    builder.hazard({
      id: volumeConsent(volume.name),
      severity: 'loses-data',
      message: `Volume ${volume.name} and the data in it are deleted.`,
      undo: 'A copy goes into the bin first and is kept for 7 days: the Data screen and `slipway bin` bring it back.',
    });
    builder.add({ kind: 'removeVolume', name: volume.name, after: removed, cause: 'down with its volumes' });
  }
}

/** The consent that the removal of a volume needs. */
export function volumeConsent(name: string): string {
  return `remove-volume:${name}`;
}

function isOfProject(project: Project, service: string): boolean {
  return Object.hasOwn(project.services, service) || Object.hasOwn(project.disabledServices, service);
}

/** The project's containers, of this folder or of an unnamed one, by service and number. */
function chosen(input: TeardownInput, services: readonly string[] | undefined): ObservedContainer[] {
  requireServices(input.project, services ?? []);
  const all = input.observed.containers.filter((container) => container.project === input.project.name);
  if (services === undefined || services.length === 0) return [...all];
  return all.filter((container) => services.includes(container.service) && !container.oneOff);
}

/** Stops, each after the stops of what depends on it: by the file, and by the labels for what the file has not. */
function stopAll(
  builder: PlanBuilder,
  input: TeardownInput,
  containers: readonly ObservedContainer[],
): Map<string, number> {
  const work = { input: teardown(input), builder, stopSteps: new Map() };
  const byService = new Map<string, ObservedContainer[]>();
  for (const container of containers.filter(isUp))
    byService.set(container.service, [...(byService.get(container.service) ?? []), container]);
  const dependents = dependentsByService(input.project, containers);
  const stopsOf = new Map<string, number[]>();
  const stopService = (name: string): number[] => {
    const known = stopsOf.get(name);
    if (known !== undefined) return known;
    // Until they are known there are none: labels of other files may make a circle.
    stopsOf.set(name, []);
    const after = [...(dependents.get(name) ?? [])].sort().flatMap(stopService);
    const stops = (byService.get(name) ?? []).map((container) =>
      stopContainer(work, container, { cause: 'stop was asked for', after: [...new Set(after)] }),
    );
    stopsOf.set(name, stops);
    return stops;
  };
  for (const name of [...byService.keys()].sort()) stopService(name);
  return work.stopSteps;
}

function teardown(input: TeardownInput): Teardown {
  return {
    project: input.project,
    observed: input.observed,
    options: { graceSeconds: input.graceSeconds },
    hashes: { of: () => '', networks: {}, volumes: {} },
    apiVersion: '1.41',
  };
}

function dependentsByService(
  project: Project,
  containers: readonly ObservedContainer[],
): Map<string, Set<string>> {
  const result = new Map<string, Set<string>>();
  const note = (target: string, dependent: string) => {
    const known = result.get(target) ?? new Set<string>();
    result.set(target, known.add(dependent));
  };
  for (const [name, service] of Object.entries({ ...project.disabledServices, ...project.services }))
    for (const target of Object.keys(service.depends_on ?? {})) note(target, name);
  for (const container of containers)
    if (!isOfProject(project, container.service))
      for (const { service } of container.dependsOn) note(service, container.service);
  return result;
}

/** Networks that carry this project's label, and are not external in its file. */
function ownNetworks(input: DownInput): ObservedNetwork[] {
  const external = new Set(
    Object.values(input.project.networks).flatMap((network) => (network.external ? [network.name] : [])),
  );
  return input.observed.networks
    .filter((network) => network.project === input.project.name && !external.has(network.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function ownVolumes(input: DownInput): ObservedVolume[] {
  const external = new Set(
    Object.values(input.project.volumes).flatMap((volume) => (volume.external ? [volume.name] : [])),
  );
  return input.observed.volumes
    .filter((volume) => volume.project === input.project.name && !external.has(volume.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
