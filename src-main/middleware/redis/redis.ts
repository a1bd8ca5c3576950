import type { DataProfile, Environment, MiddlewareProfile } from '../profile.ts';
import { cli } from './client.ts';
import { fingerprintKeys } from './fingerprint.ts';
import { keepKeys } from './keep.ts';
import { moveKeys } from './move.ts';

/**
 * Redis and Valkey. A newer server reads the files of an older one, and writes its own format from then on: one-way.
 * So each major version has its own lane. A carry goes through the commands that the server itself writes when it rewrites
 * its append-only file without a binary preamble: every type, stream group, time to live and database, in both directions.
 * Source: redis.io/docs (persistence), `redis-cli --pipe`.
 */
const data: DataProfile = {
  lane: (version) => String(version.numbers[0] ?? 0),
  mountPath: () => '/data',
  relatives: ['redis', 'valkey'],
  markers: [
    { path: 'dump.rdb', lane: (content) => laneOfRdb(content) },
    { path: 'appendonlydir/appendonly.aof.1.base.rdb', lane: (content) => laneOfRdb(content) },
  ],
  opens: (version, lane) =>
    String(version.numbers[0]) === lane ? 'yes' : (version.numbers[0] ?? 0) > Number(lane) ? 'one-way' : 'no',
  traps: ({ from, to, data: choice }) =>
    choice === 'carry' && (to.numbers[0] ?? 0) < (from.numbers[0] ?? 0)
      ? [
          'An older server cannot hold what only the newer one knows; such a key stops the switch before anything is lost.',
        ]
      : [],
  keep: keepKeys,
  carry: {
    how: 'Replayed command by command into a new volume, then compared key by key.',
    move: moveKeys,
    fingerprint: fingerprintKeys,
    size: async (server) => numberIn(await cli(server, ['INFO', 'memory']), /used_memory:(\d+)/),
  },
};

export const redis: MiddlewareProfile = {
  product: 'redis',
  title: 'Redis',
  repositories: [
    'library/redis',
    'redis/redis-stack-server',
    'redis/redis-stack',
    'bitnami/redis',
    'bitnamilegacy/redis',
    'cimg/redis',
  ],
  repository: 'library/redis',
  port: 6379,
  data,
  probe: () => ['sh', '-c', 'redis-cli ping | grep -q -e PONG -e NOAUTH'],
  client: () => ['redis-cli'],
  url: (environment, { host, port }) => `redis://${auth(environment)}${host}:${port}/0`,
  // Source: redis.io/docs (release cycle).
  endOfLife: {
    '2': '2014-01-01',
    '3': '2018-10-01',
    '4': '2020-04-30',
    '5': '2022-04-27',
    '6': '2024-07-29',
    '7': '2026-02-01',
  },
  known: ['8.0', '7.4', '7.2', '7.0', '6.2', '6.0'],
};

export const valkey: MiddlewareProfile = {
  ...redis,
  product: 'valkey',
  title: 'Valkey',
  repositories: ['valkey/valkey', 'library/valkey', 'bitnami/valkey', 'bitnamilegacy/valkey'],
  repository: 'valkey/valkey',
  probe: () => ['sh', '-c', 'valkey-cli ping | grep -q -e PONG -e NOAUTH'],
  client: () => ['valkey-cli'],
  endOfLife: { '7': '2027-04-16', '8': '2029-09-15' },
  known: ['8.1', '8.0', '7.2'],
};

function auth(environment: Environment): string {
  const password = environment['REDIS_PASSWORD'];
  return password ? `:${encodeURIComponent(password)}@` : '';
}

/**
 * A snapshot begins with fields that name the server which wrote it: `redis-ver`, then a byte with the length, then `7.0.15`.
 * The format's own number says less: 7.4 and 8.0 write the same. Source: rdb.c, rdbSaveInfoAuxFields.
 */
function laneOfRdb(content: Uint8Array): string | undefined {
  const head = new TextDecoder('latin1').decode(content);
  if (!/^(?:REDIS|VALKEY)\d/.test(head)) return undefined;
  return /(?:redis|valkey)-ver[^\d](\d+)\./s.exec(head)?.[1];
}

function numberIn(text: string, pattern: RegExp): number | undefined {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}
