import { volumeHash } from '#compose/configHash.ts';
import { LABELS } from '#compose/labels.ts';
import type { Project } from '#compose/project.ts';
import type { VolumeView } from '#contract/requests/data.ts';
import type { ContainerSummary } from '#engine/containers.ts';
import type { VolumeSummary } from '#engine/storage.ts';
import type { Lane } from '#middleware/lane.ts';

/** What is known of a project's volumes, as values. */
export interface VolumeFacts {
  readonly project: Project;
  readonly volumes: readonly VolumeSummary[];
  /** The project's containers, stopped ones too. */
  readonly containers: readonly ContainerSummary[];
  readonly lanes: readonly Lane[];
}

/** The project's volumes that exist: those it made, those its files name, and those its containers mount. By name. */
export function volumeViews(facts: VolumeFacts): readonly VolumeView[] {
  const { project, volumes, lanes } = facts;
  const mounted = mountedBy(facts);
  const declared = new Map(Object.values(project.volumes).map((volume) => [volume.name, volume] as const));
  const laneOf = new Map(lanes.map((lane) => [lane.source, lane] as const));
  return volumes
    .filter(
      ({ name, labels }) =>
        labels['com.docker.compose.project'] === project.name || declared.has(name) || mounted.has(name),
    )
    .map((volume): VolumeView => {
      const services = mounted.get(volume.name) ?? [];
      return {
        name: volume.name,
        services,
        lane: laneView(laneOf.get(volume.name)),
        created: volume.created,
        use: services.length > 0 ? 'mounted' : 'kept',
        external: Boolean(declared.get(volume.name)?.external),
        changed: isChanged(project, volume),
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether the files define it otherwise than it was made: the label that compose puts on it tells. */
function isChanged(project: Project, { name, labels }: VolumeSummary): boolean {
  const declared = Object.values(project.volumes).find((volume) => volume.name === name);
  const made = labels[LABELS.configHash];
  if (declared === undefined || declared.external || made === undefined) return false;
  return labels[LABELS.project] === project.name && made !== volumeHash(declared);
}

function laneView(lane: Lane | undefined): VolumeView['lane'] {
  if (!lane) return undefined;
  const { service, product, lane: line, image, usedAt, carriedFrom, failed = false } = lane;
  return { service, product, lane: line, image, usedAt, carriedFrom, failed };
}

/** By volume: the services that mount it, by the files or by a container that is there. */
function mountedBy({ project, containers }: VolumeFacts): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  const note = (volume: string, service: string) =>
    found.set(volume, (found.get(volume) ?? new Set()).add(service));
  for (const [service, { volumes = [] }] of Object.entries({
    ...project.disabledServices,
    ...project.services,
  }))
    for (const mount of volumes)
      if (mount.type === 'volume' && mount.source)
        note(project.volumes[mount.source]?.name ?? mount.source, service);
  for (const container of containers)
    for (const mount of container.mounts)
      if (mount.type === 'volume' && mount.name) note(mount.name, serviceOf(container));
  return new Map([...found].map(([volume, services]) => [volume, [...services].sort()]));
}

export function serviceOf(container: ContainerSummary): string {
  return container.labels['com.docker.compose.service'] ?? container.name;
}

/** Whether its name is one that the engine made up: it belongs to one container and cannot be put back under it. */
export function isAnonymous(volume: string): boolean {
  return /^[0-9a-f]{64}$/.test(volume);
}
