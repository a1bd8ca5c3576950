import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '#engine/engine.ts';
import { openTestEngine } from '#support/realEngine.ts';
import { needImages } from '#support/world.ts';
import { SwitchHarness } from './switchHarness.ts';

const COMPOSE = `
services:
  cache:
    image: redis:7.0
    volumes: [cachedata:/data]
volumes: { cachedata: {} }
`;

describe('a switch to another product', () => {
  let engine: Engine;
  let stack: SwitchHarness;

  beforeAll(async () => {
    await needImages('redis:7.0', 'valkey:8.1');
    engine = await openTestEngine();
    stack = await SwitchHarness.create(engine, 'cache', COMPOSE);
    await stack.boot();
    await stack.exec(['redis-cli', 'SET', 'greeting', 'hello']);
    await stack.exec(['redis-cli', 'HSET', 'hash', 'field', 'value']);
    await stack.exec(['redis-cli', '-n', '3', 'RPUSH', 'list', 'a', 'b']);
  });
  afterAll(async () => {
    await stack?.remove();
    await engine?.close();
  });

  it('carries Redis to Valkey and back to Redis as it was left, and then carries again', async () => {
    await stack.switchTo('valkey/valkey:8.1');
    const cli = ['valkey-cli'];
    expect(await stack.exec([...cli, 'INFO', 'server'])).toContain('valkey_version:8.1');
    expect(await stack.exec([...cli, 'GET', 'greeting'])).toBe('hello\n');
    expect(await stack.exec([...cli, '-n', '3', 'LRANGE', 'list', '0', '-1'])).toBe('a\nb\n');
    await stack.exec([...cli, 'SET', 'since', 'on valkey']);

    await stack.switchTo('redis:7.0');
    expect(await stack.exec(['redis-cli', 'EXISTS', 'since'])).toBe('0\n');
    expect(await stack.exec(['redis-cli', 'HGET', 'hash', 'field'])).toBe('value\n');

    await stack.switchTo('valkey/valkey:8.1', 'resume');
    await stack.switchTo('redis:7.0', 'carry');
    expect(await stack.exec(['redis-cli', 'GET', 'since'])).toBe('on valkey\n');
  });

  it('is refused in words where nothing can be carried', async () => {
    await expect(stack.switchTo('postgres:17')).rejects.toMatchObject({
      error: { kind: 'input.invalid', message: expect.stringContaining('Postgres, not Redis') },
    });
  });
});
