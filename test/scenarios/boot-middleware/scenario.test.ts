import { beforeAll, expect, test } from 'vitest';
import { coreStacks } from '#support/coreStack.ts';
import { needImages } from '#support/world.ts';

const open = coreStacks();
beforeAll(() => needImages('postgres:15', 'redis:7.0'));

test('a boot must end when databases without a healthcheck answer', async () => {
  const stack = await open(import.meta.dirname);
  expect(await stack.boot()).toEqual({ type: 'done' });
  expect(await stack.exec('db', 'psql', '-h', '127.0.0.1', '-U', 'postgres', '-tAc', 'select 1')).toBe('1\n');
  expect(await stack.exec('cache', 'redis-cli', 'ping')).toBe('PONG\n');
  const [boot] = await stack.client.boot.history({ workspace: stack.workspace });
  const notes = boot?.services.map(({ note }) => note);
  expect(notes).toEqual([expect.stringMatching(/^answers after/), expect.stringMatching(/^answers after/)]);
  expect(boot?.withoutEagerMs, 'no healthcheck, so nothing to be ahead of').toBeUndefined();
});
