import type { ContainerBody, MountBody } from '#engine/bodies.ts';
import type { FakeContainer, FakeImage } from './state.ts';
import { ensureVolume } from './volumes.ts';
import type { World } from './world.ts';

type FakeMount = FakeContainer['mounts'][number];

/** What a container mounts, in the engine's order of importance: `Mounts`, `Binds`, then the image's anonymous volumes. */
export function mountsOf(world: World, body: ContainerBody, image: FakeImage): FakeMount[] {
  const mounts = new Map<string, FakeMount>();
  for (const mount of body.HostConfig?.Mounts ?? []) mounts.set(mount.Target, fromMount(world, mount));
  for (const bind of body.HostConfig?.Binds ?? []) {
    const mount = fromBind(world, bind);
    mounts.set(mount.destination, mount);
  }
  for (const target of [...image.config.Volumes, ...Object.keys(body.Volumes ?? {})]) {
    if (!mounts.has(target)) mounts.set(target, volumeMount(world, undefined, target, true));
  }
  return [...mounts.values()];
}

function fromMount(world: World, mount: MountBody): FakeMount {
  const readWrite = mount.ReadOnly !== true;
  if (mount.Type === 'volume') return volumeMount(world, mount.Source, mount.Target, readWrite);
  return {
    type: mount.Type,
    name: undefined,
    source: mount.Source ?? '',
    destination: mount.Target,
    readWrite,
    anonymous: false,
  };
}

/** `source:destination[:options]`; a source without a slash is a volume. */
function fromBind(world: World, bind: string): FakeMount {
  const [source = '', destination = '', options = ''] = bind.split(':');
  const readWrite = !options.split(',').includes('ro');
  if (!source.startsWith('/')) return volumeMount(world, source, destination, readWrite);
  return { type: 'bind', name: undefined, source, destination, readWrite, anonymous: false };
}

function volumeMount(
  world: World,
  name: string | undefined,
  destination: string,
  readWrite: boolean,
): FakeMount {
  const volume = ensureVolume(world, { Name: name || world.newId() });
  const source = `/var/lib/docker/volumes/${volume.name}/_data`;
  return { type: 'volume', name: volume.name, source, destination, readWrite, anonymous: !name };
}
