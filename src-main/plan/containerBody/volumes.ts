import type { Service, VolumeMount } from '#compose/project.ts';
import type { MountBody } from '#engine/bodies.ts';
import type { BodyContext } from './context.ts';
import { bytes, compact, meaningful } from './units.ts';

export interface Mounts {
  /** `source:target:rw`: the form that lets the engine make a missing host folder. */
  readonly binds: readonly string[];
  readonly mounts: readonly MountBody[];
}

/** The volumes of a service, those inherited from the container it replaces included. */
export function volumeMounts(context: BodyContext): Mounts {
  const inherited = inheritedMounts(context);
  const taken = new Set(inherited.map((mount) => mount.Target));
  const own = (context.service.volumes ?? []).filter((volume) => !taken.has(volume.target ?? ''));
  const binds: string[] = [];
  const mounts: MountBody[] = [...inherited];
  for (const volume of own) {
    if (isPlainBind(volume)) binds.push(bindText(volume.source ?? '', volume));
    else if (isPlainVolume(volume, context)) binds.push(bindText(volumeName(volume, context), volume));
    else mounts.push(mountBody(volume, context));
  }
  return { binds, mounts };
}

/** Anonymous volumes of the replaced container: those that the service or the image declares without a source. */
function inheritedMounts(context: BodyContext): MountBody[] {
  const anonymous = new Set(context.imageVolumes);
  for (const volume of context.service.volumes ?? [])
    if (volume.target !== undefined) {
      if (volume.source) anonymous.delete(volume.target);
      else if (volume.type === 'volume') anonymous.add(volume.target);
    }
  return context.inherit
    .filter((mount) => mount.type === 'volume' && anonymous.has(mount.destination))
    .map((mount) =>
      compact({
        Type: 'volume' as const,
        Source: mount.name ?? mount.source,
        Target: mount.destination,
        ReadOnly: meaningful(!mount.readWrite),
      }),
    )
    .sort((a, b) => (a.Target < b.Target ? -1 : 1));
}

function isPlainBind(volume: VolumeMount): boolean {
  if (volume.type !== 'bind') return false;
  const bind = volume.bind;
  return bind === undefined || (bind.create_host_path === true && !bind.propagation && !bind.recursive);
}

/** Named volumes go the old way, as docker compose sends them, unless they use what only a mount can say. */
function isPlainVolume(volume: VolumeMount, context: BodyContext): boolean {
  if (volume.type !== 'volume' || !volume.source || !(volume.source in context.project.volumes)) return false;
  const options = volume.volume;
  return !options?.subpath && options?.nocopy !== true && Object.keys(options?.labels ?? {}).length === 0;
}

function volumeName(volume: VolumeMount, context: BodyContext): string {
  const source = volume.source ?? '';
  return context.project.volumes[source]?.name ?? source;
}

function bindText(source: string, volume: VolumeMount): string {
  const options = [volume.read_only ? 'ro' : 'rw'];
  if (volume.bind?.selinux) options.push(volume.bind.selinux);
  return `${source}:${volume.target ?? ''}:${options.join(',')}`;
}

function mountBody(volume: VolumeMount, context: BodyContext): MountBody {
  const source = volume.type === 'volume' ? volumeName(volume, context) : (volume.source ?? '');
  return compact({
    Type: volume.type as MountBody['Type'],
    Source: meaningful(source),
    Target: volume.target ?? '',
    ReadOnly: meaningful(volume.read_only),
    Consistency: meaningful(volume.consistency),
    BindOptions: volume.type === 'bind' ? bindOptions(volume) : undefined,
    VolumeOptions: volume.type === 'volume' ? volumeOptions(volume) : undefined,
    TmpfsOptions:
      volume.type === 'tmpfs' && volume.tmpfs
        ? compact({ SizeBytes: bytes(volume.tmpfs.size), Mode: meaningful(volume.tmpfs.mode) })
        : undefined,
    ImageOptions:
      volume.type === 'image' && volume.image?.subpath ? { Subpath: volume.image.subpath } : undefined,
  });
}

function bindOptions(volume: VolumeMount): MountBody['BindOptions'] {
  const recursive = volume.bind?.recursive;
  return compact({
    Propagation: meaningful(volume.bind?.propagation),
    CreateMountpoint: meaningful(volume.bind?.create_host_path),
    NonRecursive: recursive === 'disabled' ? true : undefined,
    ReadOnlyNonRecursive: recursive === 'writable' ? true : undefined,
    ReadOnlyForceRecursive: recursive === 'readonly' ? true : undefined,
  });
}

function volumeOptions(volume: VolumeMount): MountBody['VolumeOptions'] {
  if (volume.volume === undefined) return undefined;
  return compact({
    NoCopy: meaningful(volume.volume.nocopy),
    Labels: meaningful(volume.volume.labels),
    Subpath: meaningful(volume.volume.subpath),
  });
}

/** `tmpfs: [/run:size=1m]` as the engine's map. */
export function tmpfsMap(service: Service): Record<string, string> | undefined {
  if (!service.tmpfs?.length) return undefined;
  return Object.fromEntries(
    service.tmpfs.map((entry) => {
      const colon = entry.indexOf(':');
      return colon < 0 ? [entry, ''] : [entry.slice(0, colon), entry.slice(colon + 1)];
    }),
  );
}
