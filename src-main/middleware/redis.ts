import { AppFailure } from '#contract/errors.ts';
import type { CarryContext, DataProfile, Environment, MiddlewareProfile, Server } from './profile.ts';

/**
 * Redis and Valkey. A newer server reads the files of an older one, and writes its own format from then on: one-way.
 * So each major version has its own lane. A carry goes through the commands that the server itself writes when it rewrites
 * its append-only file without a binary preamble: every type, stream group, time to live and database, in both directions.
 * Source: redis.io/docs (persistence), `redis-cli --pipe`.
 */
const data: DataProfile = {
  lane: (version) => String(version.numbers[0] ?? 0),
  mountPath: () => '/data',
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

async function moveKeys({ source, target, signal, onProgress }: CarryContext): Promise<void> {
  await setting(source, 'aof-use-rdb-preamble', 'no');
  onProgress({ text: 'writing out every key' });
  await cli(source, ['BGREWRITEAOF']);
  await waitForRewrite(source, signal);
  const result = await source.pipeFileTo(await aofPath(source), target, [...command(target), '--pipe'], {
    signal,
    env: secret(source),
    targetEnv: secret(target),
    onBytes: (bytes) => onProgress({ text: 'replaying', bytes }),
  });
  const failed = /errors: (\d+)/.exec(result.targetOutput)?.[1];
  if (result.sourceExitCode !== 0 || result.targetExitCode !== 0 || failed !== '0') {
    const output = `${result.sourceErrors}\n${result.targetOutput}`.trim();
    throw new AppFailure({
      kind: 'data.dumpFailed',
      service: '',
      output,
      message: `The target refused ${failed ?? 'some'} of the commands: ${output.slice(0, 300)}`,
    });
  }
  await persist(target, signal);
}

/** Everything on disk before the target is stopped, in the way its own configuration keeps it. */
async function persist(target: Server, signal: AbortSignal | undefined): Promise<void> {
  if (/yes/.test(await cli(target, ['CONFIG', 'GET', 'appendonly']))) {
    await cli(target, ['BGREWRITEAOF']);
    await waitForRewrite(target, signal);
  }
  await cli(target, ['SAVE']);
}

async function setting(server: Server, name: string, value: string): Promise<void> {
  await cli(server, ['CONFIG', 'SET', name, value]);
}

/** The rewrite has no event, and a client cannot wait for it: the server is asked, one exec after the other. */
async function waitForRewrite(server: Server, signal: AbortSignal | undefined): Promise<void> {
  for (;;) {
    signal?.throwIfAborted();
    const info = await cli(server, ['INFO', 'persistence']);
    const busy = /aof_rewrite_in_progress:1|aof_rewrite_scheduled:1/.test(info);
    if (busy) continue;
    if (/aof_last_bgrewrite_status:ok/.test(info)) return;
    throw new AppFailure({
      kind: 'data.dumpFailed',
      service: '',
      output: info,
      message: 'The server could not write its keys out.',
    });
  }
}

/** Where the rewritten file is: one file up to version 6, a base file in a folder from 7 on. */
async function aofPath(server: Server): Promise<string> {
  const read = async (name: string) =>
    (await cli(server, ['CONFIG', 'GET', name])).trim().split('\n').at(-1)?.trim() ?? '';
  const dir = await read('dir');
  const file = await read('appendfilename');
  if ((server.version.numbers[0] ?? 0) < 7) return `${dir}/${file}`;
  const folder = await read('appenddirname');
  const listing = await server.exec([
    'sh',
    '-c',
    'ls -1t "$1" | grep "\\.base\\.aof$" | head -n 1',
    'sh',
    `${dir}/${folder}`,
  ]);
  return `${dir}/${folder}/${new TextDecoder().decode(listing.stdout).trim()}`;
}

/**
 * One line a key: database, type, name and value as digests, when it expires (`~` milliseconds, compared with tolerance).
 */
async function fingerprintKeys(server: Server, signal?: AbortSignal): Promise<readonly string[]> {
  const databases = await databasesOf(server);
  const lines: string[] = [];
  for (const database of databases) {
    signal?.throwIfAborted();
    const output = await cli(server, ['-n', String(database), 'EVAL', FINGERPRINT, '0']);
    lines.push(
      ...output
        .split('\n')
        .filter(Boolean)
        .map((line) => `db${database} ${line}`),
    );
  }
  return lines.sort();
}

async function databasesOf(server: Server): Promise<readonly number[]> {
  const keyspace = await cli(server, ['INFO', 'keyspace']);
  return [...keyspace.matchAll(/^db(\d+):/gm)].map((match) => Number(match[1]));
}

/** Values are reduced inside the server, so that nothing large or binary crosses; sets and hashes are sorted first. */
const FINGERPRINT = `
local lines = {}
local function sum(parts) return redis.sha1hex(table.concat(parts, '\\0')) end
local function sorted(list) table.sort(list); return sum(list) end
local function pairsOf(list) local out = {}; for i = 1, #list, 2 do out[#out + 1] = #list[i] .. ':' .. list[i] .. '=' .. list[i + 1] end; return sorted(out) end
local function stream(key)
  local out = {}
  for _, entry in ipairs(redis.call('XRANGE', key, '-', '+')) do out[#out + 1] = entry[1] .. ' ' .. table.concat(entry[2], '\\0') end
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', key)) do
    local facts = {}
    for i = 1, #group, 2 do facts[group[i]] = group[i + 1] end
    out[#out + 1] = facts['name'] .. ' ' .. facts['last-delivered-id'] .. ' ' .. facts['pending']
  end
  return sum(out)
end
local cursor = '0'
repeat
  local page = redis.call('SCAN', cursor, 'COUNT', 1000)
  cursor = page[1]
  for _, key in ipairs(page[2]) do
    local kind = redis.call('TYPE', key)
    kind = kind['ok'] or kind
    local value = kind
    if kind == 'string' then value = redis.sha1hex(redis.call('GET', key))
    elseif kind == 'list' then value = sum(redis.call('LRANGE', key, 0, -1))
    elseif kind == 'set' then value = sorted(redis.call('SMEMBERS', key))
    elseif kind == 'zset' then value = pairsOf(redis.call('ZRANGE', key, 0, -1, 'WITHSCORES'))
    elseif kind == 'hash' then value = pairsOf(redis.call('HGETALL', key))
    elseif kind == 'stream' then value = stream(key) end
    local expires = redis.call('PTTL', key)
    local clock = redis.call('TIME')
    local at = expires < 0 and 'never' or string.format('~%.0f', clock[1] * 1000 + math.floor(clock[2] / 1000) + expires)
    lines[#lines + 1] = kind .. ' ' .. redis.sha1hex(key) .. ' ' .. value .. ' expires ' .. at
  end
until cursor == '0'
table.sort(lines)
return table.concat(lines, '\\n')
`;

function command(server: Server): readonly string[] {
  return [server.product === 'valkey' ? 'valkey-cli' : 'redis-cli'];
}

/** Never on a command line: the client reads it from its environment. */
function secret(server: Server): Environment {
  const password = server.password ?? server.environment['REDIS_PASSWORD'];
  return password ? { REDISCLI_AUTH: password, VALKEYCLI_AUTH: password } : {};
}

const LIMIT_BYTES = 256 * 1024 * 1024;

async function cli(server: Server, words: readonly string[]): Promise<string> {
  const result = await server.exec([...command(server), '--raw', ...words], {
    limitBytes: LIMIT_BYTES,
    env: secret(server),
  });
  const text = new TextDecoder().decode(result.stdout);
  const refused = /^(?:NOAUTH|ERR|NOPERM|WRONGPASS|MISCONF|\(error\))/.test(text);
  if (result.exitCode === 0 && !refused && !result.truncated) return text;
  const output = text.trim() || new TextDecoder().decode(result.stderr).trim();
  throw new AppFailure({
    kind: 'data.dumpFailed',
    service: '',
    output,
    message: `${words[0]}: ${output.slice(0, 300)}`,
  });
}

function numberIn(text: string, pattern: RegExp): number | undefined {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}
