import type { Clock } from '#base/clock.ts';
import { LABELS } from '#compose/labels.ts';
import type { Project } from '#compose/project.ts';
import { isKind } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';
import { imageName } from '#plan/containerBody/containerBody.ts';
import type { ObservedContainer, ObservedState } from '#plan/observed.ts';
import { toObservedContainer, toObservedImage, toObservedNetwork, toObservedVolume } from './toObserved.ts';

/**
 * What the engine holds of a project now, for a plan: containers, networks, volumes and the images that the file names,
 * all asked for at once. `containers`: those of a live observer, which then are not listed and inspected again.
 */
export async function observeProject(options: {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly project: Project;
  readonly containers?: readonly ObservedContainer[] | undefined;
  readonly signal?: AbortSignal | undefined;
}): Promise<ObservedState> {
  const { engine, project, signal } = options;
  const label = `${LABELS.project}=${project.name}`;
  const networkNames = Object.values(project.networks).map((network) => network.name);
  const volumeNames = new Set(Object.values(project.volumes).map((volume) => volume.name));
  const [containers, networks, volumes, images] = await Promise.all([
    options.containers ?? observeContainers(engine, label, signal),
    engine.listNetworks({ signal }),
    engine.listVolumes({ signal }),
    observeImages(engine, project, signal),
  ]);
  return {
    containers: [...containers].filter((entry) => entry.project === project.name).sort(byServiceAndNumber),
    networks: networks
      .map(toObservedNetwork)
      .filter((entry) => entry.project === project.name || networkNames.includes(entry.name))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    volumes: volumes
      .map(toObservedVolume)
      .filter((entry) => entry.project === project.name || volumeNames.has(entry.name))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    images,
    at: options.clock.now(),
  };
}

/** Replicas by service and number, then age: the order in which everything shows them. */
export function byServiceAndNumber(a: ObservedContainer, b: ObservedContainer): number {
  if (a.service !== b.service) return a.service < b.service ? -1 : 1;
  return a.number - b.number || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
}

async function observeContainers(
  engine: Engine,
  label: string,
  signal: AbortSignal | undefined,
): Promise<ObservedContainer[]> {
  const listed = await engine.listContainers({ labels: [label], all: true, signal });
  const observed = await Promise.all(listed.map(({ id }) => observeContainer(engine, id, signal)));
  return observed.filter((container) => container !== undefined);
}

/** One container as it is now; undefined when it is gone or belongs to no project. */
export async function observeContainer(
  engine: Engine,
  id: ContainerId,
  signal?: AbortSignal | undefined,
): Promise<ObservedContainer | undefined> {
  try {
    return toObservedContainer(await engine.inspectContainer(id, { signal }));
  } catch (thrown) {
    // It went away between the list and this call: expected.
    if (isKind(thrown, 'engine.notFound')) return undefined;
    throw thrown;
  }
}

async function observeImages(
  engine: Engine,
  project: Project,
  signal: AbortSignal | undefined,
): Promise<ObservedState['images']> {
  const references = new Set(
    Object.entries(project.services).map(([name, service]) => imageName(project, name, service)),
  );
  const found = await Promise.all(
    [...references].sort().map(async (reference) => {
      const image = await engine.inspectImage(reference, { signal });
      return [reference, image && toObservedImage(image)] as const;
    }),
  );
  return Object.fromEntries(found);
}
