import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '#engine/engine.ts';
import { openTestEngine } from '#support/realEngine.ts';
import { needImages } from '#support/world.ts';
import { SwitchHarness } from './switchHarness.ts';

const compose = (command: string) => `
services:
  cache:
    image: redis:6.0
    ${command}
    volumes: [cachedata:/data]
volumes: { cachedata: {} }
`;

/** Every type, a stream with a group, times to live, binary values, several databases. */
const FILL = `
SET plain hello
SET "with space" "a\\r\\nb\\x00\\xff"
SETRANGE long 70000 x
INCRBY counter 41
SET soon later EX 100000
RPUSH list a b c "d e"
SADD set one two three
SADD numbers 1 2 3
ZADD zset 1.5 a -2 b inf c
HSET hash f1 v1 f2 "v 2"
PFADD visitors u1 u2 u3
SETBIT bits 1000 1
GEOADD places 13.361389 38.115556 Palermo
XADD stream 1-1 kind a
XADD stream 2-1 kind b
XGROUP CREATE stream readers 0
XREADGROUP GROUP readers me COUNT 1 STREAMS stream >
SELECT 5
SET elsewhere 1
HSET deep a 1
SELECT 0
`;

const cli = ['redis-cli'];

async function digest(stack: SwitchHarness): Promise<string> {
  const ask = (...words: string[]) => stack.exec([...cli, '--no-raw', ...words]);
  const ttl = Number((await stack.exec([...cli, 'TTL', 'soon'])).trim());
  const answers = await Promise.all([
    ask('GET', 'plain'),
    ask('GET', 'with space'),
    ask('STRLEN', 'long'),
    ask('GET', 'counter'),
    ask('LRANGE', 'list', '0', '-1'),
    ask('SORT', 'set', 'ALPHA'),
    ask('ZRANGE', 'zset', '0', '-1', 'WITHSCORES'),
    ask('HGET', 'hash', 'f2'),
    ask('PFCOUNT', 'visitors'),
    ask('BITCOUNT', 'bits'),
    ask('GEOHASH', 'places', 'Palermo'),
    ask('XRANGE', 'stream', '-', '+'),
    ask('XPENDING', 'stream', 'readers'),
    ask('DBSIZE'),
    ask('-n', '5', 'DBSIZE'),
    ask('-n', '5', 'HGETALL', 'deep'),
  ]);
  return [...answers, `ttl ${ttl > 99_000 && ttl <= 100_000}`].join('');
}

describe.each([
  ['with snapshots', ''],
  ['with an append-only file', 'command: [redis-server, --appendonly, "yes"]'],
])('a switch of Redis %s', (_name, command) => {
  let engine: Engine;
  let stack: SwitchHarness;

  beforeAll(async () => {
    await needImages('redis:6.0', 'redis:7.0', 'redis:8.0');
    engine = await openTestEngine();
    stack = await SwitchHarness.create(engine, 'cache', compose(command));
    await stack.boot();
    await stack.exec(cli, FILL);
    await stack.exec([...cli, 'SAVE']);
  });
  afterAll(async () => {
    await stack?.remove();
    await engine?.close();
  });

  it('carries every type, time to live and database from 6.0 to 8.0 and back', async () => {
    const before = await digest(stack);
    for (const version of ['7.0', '8.0']) {
      await stack.switchTo(version);
      expect(await stack.exec([...cli, 'INFO', 'server'])).toContain(`redis_version:${version[0]}`);
      expect(await digest(stack)).toBe(before);
    }
    await stack.exec([...cli, 'SET', 'later', 'on 8']);
    await stack.switchTo('6.0', 'carry');
    expect(await stack.exec([...cli, 'GET', 'later'])).toBe('on 8\n');
    await stack.exec([...cli, 'DEL', 'later']);
    expect(await digest(stack)).toBe(before);
  });
});
