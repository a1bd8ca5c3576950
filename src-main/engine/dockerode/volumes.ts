import { isKind } from '#contract/errors.ts';
import type { Engine } from '../engine.ts';
import type { VolumeSummary } from '../storage.ts';
import { escaped, filterQuery } from './containers.ts';
import { instant, list, number, type Raw, record, text, textMap } from './raw.ts';
import { encoded, type Transport } from './transport.ts';

type VolumeCalls = Pick<
  Engine,
  'listVolumes' | 'inspectVolume' | 'createVolume' | 'removeVolume' | 'diskUsage' | 'pruneBuildCache'
>;

export function volumeCalls(transport: Transport): VolumeCalls {
  const about = (id: string) => ({ what: 'volume', id }) as const;
  return {
    async listVolumes({ labels, names, signal }) {
      const filters = filterQuery({ label: labels, name: names?.map((name) => `^${escaped(name)}$`) });
      const answer = await transport.json({
        method: 'GET',
        path: '/volumes',
        query: { filters },
        about: about(''),
        signal,
      });
      return list(record(answer)['Volumes']).map((entry) => volumeSummary(record(entry)));
    },
    async inspectVolume(name, options) {
      try {
        const path = `/volumes/${encoded(name)}`;
        return volumeSummary(
          record(await transport.json({ method: 'GET', path, about: about(name), signal: options?.signal })),
        );
      } catch (thrown) {
        if (isKind(thrown, 'engine.notFound')) return undefined;
        throw thrown;
      }
    },
    async createVolume(body, options) {
      const answer = await transport.json({
        method: 'POST',
        path: '/volumes/create',
        body: { ...body },
        about: about(body.Name),
        signal: options?.signal,
      });
      return volumeSummary(record(answer));
    },
    removeVolume: (name, options) =>
      transport.run({
        method: 'DELETE',
        path: `/volumes/${encoded(name)}`,
        about: about(name),
        signal: options?.signal,
      }),
    async diskUsage(options) {
      const answer = record(
        await transport.json({
          method: 'GET',
          path: '/system/df',
          about: { what: 'engine', id: '' },
          signal: options?.signal,
          holds: true,
        }),
      );
      return diskUsage(answer);
    },
    pruneBuildCache: (options) =>
      transport.run({
        method: 'POST',
        path: '/build/prune',
        query: { all: true },
        about: { what: 'engine', id: '' },
        signal: options?.signal,
        holds: true,
      }),
  };
}

function diskUsage(raw: Raw): Awaited<ReturnType<Engine['diskUsage']>> {
  const volumes = list(raw['Volumes']).map(record);
  const cache = list(raw['BuildCache']).map(record);
  return {
    volumes: Object.fromEntries(
      // -1 is the engine's word for a size it cannot tell.
      volumes.map((volume) => [
        text(volume['Name']),
        Math.max(0, number(record(volume['UsageData'])['Size'])),
      ]),
    ),
    imagesBytes: number(raw['LayersSize']),
    buildCacheBytes: cache.reduce((total, entry) => total + number(entry['Size']), 0),
  };
}

function volumeSummary(raw: Raw): VolumeSummary {
  return {
    name: text(raw['Name']),
    driver: text(raw['Driver']),
    labels: textMap(raw['Labels']),
    options: textMap(raw['Options']),
    mountpoint: text(raw['Mountpoint']),
    created: instant(raw['CreatedAt']) ?? 0,
    scope: text(raw['Scope']),
  };
}
