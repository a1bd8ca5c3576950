import type { FingerprintOptions, Server } from '../profile.ts';
import { cli } from './client.ts';

/**
 * One line a key: database, type, name and value as digests, when it expires (`~` milliseconds, compared with tolerance).
 */
export async function fingerprintKeys(
  server: Server,
  { signal }: FingerprintOptions,
): Promise<readonly string[]> {
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
