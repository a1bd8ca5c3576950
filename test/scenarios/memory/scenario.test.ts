import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { coreStacks } from '../../support/coreStack.ts';
import { eventually } from '../../support/eventually.ts';
import { needImages } from '../../support/world.ts';

beforeAll(() => needImages('busybox:1'));
const open = coreStacks();
const MIB = 1024 ** 2;

test('a limit must hold in the container that runs, and in the file, without making it anew', async () => {
  const stack = await open(import.meta.dirname);
  const { client, workspace } = stack;
  expect(await stack.boot()).toEqual({ type: 'done' });
  const before = await stack.containers();
  const limit = 64 * MIB;
  expect(await client.memory.setLimit({ workspace, service: 'hungry', limit })).toEqual({ type: 'live' });
  expect(await client.memory.setLimit({ workspace, service: 'calm', limit })).toEqual({ type: 'live' });
  for (const name of ['hungry', 'calm']) {
    const { raw } = await stack.inspect(name);
    expect((raw['HostConfig'] as Record<string, unknown>)['Memory']).toBe(limit);
    const record = { diverged: undefined, memory: { limitBytes: limit } };
    await eventually(() => {
      expect(stack.service(name)).toMatchObject(record);
      return true;
    });
  }
  expect(await readFile(stack.file('.slipway/override.yaml'), 'utf8')).toContain(String(limit));
  expect(await stack.boot()).toEqual({ type: 'done' });
  expect(await stack.containers()).toEqual(before);
  // What cannot be taken away from a container comes with the next one.
  expect(await client.memory.setLimit({ workspace, service: 'calm', limit: 'none' })).toMatchObject({
    type: 'nextBoot',
  });
  expect(await stack.boot()).toEqual({ type: 'done' });
  const { raw } = await stack.inspect('calm');
  expect((raw['HostConfig'] as Record<string, unknown>)['Memory']).toBe(0);
  await expect(client.memory.setLimit({ workspace, service: 'calm', limit: MIB })).rejects.toThrow('6 MiB');
});

test('a process that is ended for want of memory must be counted, though its container runs on', async () => {
  const stack = await open(import.meta.dirname);
  expect(await stack.boot()).toEqual({ type: 'done' });
  expect(stack.service('hungry').memory?.oomKills).toBe(0);
  await stack.exec('hungry', 'touch', '/eat');
  await eventually(() => (stack.service('hungry').memory?.oomKills ?? 0) > 0);
  expect((await stack.inspect('hungry')).state).toBe('running');
});
