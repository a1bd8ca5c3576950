import type { DataProfile, Environment, MiddlewareProfile } from '../profile.ts';
import { cli } from './client.ts';
import { fingerprintKeys } from './fingerprint.ts';
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
  carry: {
    how: 'Replayed command by command into a new volume, then compared key by key.',
    // Rewriting the append-only file writes beside the data: the old volume stays as it is.
    sourceOnCopy: true,
    move: moveKeys,
    fingerprint: fingerprintKeys,
    size: async (server) => numberIn(await cli(server, ['INFO', 'memory']), /used_memory:(\d+)/),
  },
};

export const redis: MiddlewareProfile = {
  product: 'redis',
  title: 'Redis',
  repositories: ['library/redis', 'redis/redis-stack-server', 'redis/redis-stack'],
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
  repositories: ['valkey/valkey', 'library/valkey', 'bitnami/valkey'],
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

/** The format number in `REDIS0011` tells the line: 9 is 5 and 6, 10 is 7.0, 11 is 7.2, 12 is 7.4 and 8. */
function laneOfRdb(content: Uint8Array): string | undefined {
  const found = /^(?:REDIS|VALKEY)(\d{3,4})/.exec(new TextDecoder('latin1').decode(content.subarray(0, 16)));
  if (!found?.[1]) return undefined;
  const format = Number(found[1]);
  if (format >= 80) return '8';
  if (format >= 12) return '8';
  if (format >= 10) return '7';
  return format >= 9 ? '6' : '5';
}

function numberIn(text: string, pattern: RegExp): number | undefined {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}
