import type { VolumeBody } from '#engine/bodies.ts';
import type { Engine } from '#engine/engine.ts';
import type { VolumeSummary } from '#engine/storage.ts';
import type { FakeVolume } from './state.ts';
import { conflict, hasLabel, notFound, type World } from './world.ts';

type VolumeCalls = Pick<
  Engine,
  'listVolumes' | 'inspectVolume' | 'createVolume' | 'removeVolume' | 'diskUsage' | 'pruneBuildCache'
>;

export function volumeCalls(world: World): VolumeCalls {
  return {
    async listVolumes({ labels, names }) {
      return [...world.volumes.values()]
        .filter((volume) => !names?.length || names.includes(volume.name))
        .filter((volume) => (labels ?? []).every((label) => hasLabel(volume.body.Labels ?? {}, label)))
        .map(summary);
    },
    async inspectVolume(name) {
      const volume = world.volumes.get(name);
      return volume === undefined ? undefined : summary(volume);
    },
    createVolume: async (body) => summary(ensureVolume(world, body)),
    async removeVolume(name) {
      if (!world.volumes.has(name)) throw notFound('volume', name);
      const user = [...world.containers.values()].find((container) =>
        container.mounts.some((mount) => mount.name === name),
      );
      if (user !== undefined) throw conflict('volume', name, `Volume ${name} is in use by ${user.id}.`);
      world.volumes.delete(name);
      world.emit({ type: 'volume', action: 'destroy', id: name, attributes: { driver: 'local' } });
    },
    async diskUsage() {
      const sizes = [...world.volumes.values()].map((volume) => [volume.name, sizeOf(volume)] as const);
      return {
        volumes: Object.fromEntries(sizes),
        imagesBytes: world.images.reduce((total, image) => total + image.sizeBytes, 0),
        buildCacheBytes: world.buildCacheBytes,
      };
    },
    async pruneBuildCache() {
      world.buildCacheBytes = 0;
    },
  };
}

/** Creating what exists is success and changes nothing, as with the engine. */
export function ensureVolume(world: World, body: VolumeBody): FakeVolume {
  const existing = world.volumes.get(body.Name);
  if (existing !== undefined) return existing;
  const volume = { name: body.Name, body, created: world.clock.now(), files: new Map() };
  world.volumes.set(volume.name, volume);
  world.emit({
    type: 'volume',
    action: 'create',
    id: volume.name,
    attributes: { driver: body.Driver ?? 'local' },
  });
  return volume;
}

function sizeOf(volume: FakeVolume): number {
  return [...volume.files.values()].reduce((total, file) => total + file.bytes.length, 0);
}

function summary(volume: FakeVolume): VolumeSummary {
  return {
    name: volume.name,
    driver: volume.body.Driver ?? 'local',
    labels: volume.body.Labels ?? {},
    options: volume.body.DriverOpts ?? {},
    mountpoint: `/var/lib/docker/volumes/${volume.name}/_data`,
    // The engine keeps whole seconds.
    created: Math.floor(volume.created / 1000) * 1000,
    scope: 'local',
  };
}
