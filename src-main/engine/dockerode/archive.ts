import { isKind } from '#contract/errors.ts';
import type { PathStat } from '../containers.ts';
import type { Engine } from '../engine.ts';
import { aboutContainer, containerPath } from './containers.ts';
import { instant, number, record, text } from './raw.ts';
import type { Transport } from './transport.ts';

/** Go's os.ModeDir. */
const MODE_DIRECTORY = 0x80000000;

export function archiveCalls(
  transport: Transport,
): Pick<Engine, 'readArchive' | 'statPath' | 'writeArchive'> {
  return {
    readArchive: (id, path, options) =>
      transport.stream({
        method: 'GET',
        path: `${containerPath(id)}/archive`,
        query: { path },
        about: aboutContainer(id),
        signal: options?.signal,
      }),
    async statPath(id, path, options) {
      try {
        const header = await transport.header(
          {
            method: 'HEAD',
            path: `${containerPath(id)}/archive`,
            query: { path },
            about: aboutContainer(id),
            signal: options?.signal,
          },
          'x-docker-container-path-stat',
        );
        return pathStat(header);
      } catch (thrown) {
        if (!isKind(thrown, 'engine.notFound')) throw thrown;
        // A missing path and a missing container get the same answer, without a body: ask which.
        const about = aboutContainer(id);
        await transport.json({
          method: 'GET',
          path: `${containerPath(id)}/json`,
          about,
          signal: options?.signal,
        });
        return undefined;
      }
    },
    async writeArchive(id, path, tar, options) {
      const about = aboutContainer(id);
      try {
        await transport.run({
          method: 'PUT',
          path: `${containerPath(id)}/archive`,
          query: { path, copyUIDGID: options?.copyOwner },
          upload: tar,
          about,
          signal: options?.signal,
        });
      } catch (thrown) {
        // The engine refuses without reading the body, and its answer can get lost as the connection breaks: ask again.
        if (!isKind(thrown, 'engine.unreachable')) throw thrown;
        await transport.json({
          method: 'GET',
          path: `${containerPath(id)}/json`,
          about,
          signal: options?.signal,
        });
        throw thrown;
      }
    },
  };
}

function pathStat(header: string): PathStat {
  const raw = record(JSON.parse(Buffer.from(header, 'base64').toString()));
  const mode = number(raw['mode']);
  return {
    name: text(raw['name']),
    sizeBytes: number(raw['size']),
    mode,
    isDirectory: Math.floor(mode / MODE_DIRECTORY) % 2 === 1,
    modified: instant(raw['mtime']) ?? 0,
    linkTarget: text(raw['linkTarget']),
  };
}
