import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.ts';

const stack = scenario(import.meta.dirname, ['busybox']);
const changed = (yaml: string) => yaml.replace('LEVEL: "1"', 'LEVEL: "2"');

test('a changed service must be recreated, and nothing else', async () => {
  await (await stack.open()).boot();
  const [api, bystander] = [await stack.inspect('api'), await stack.inspect('bystander')];
  expect(await (await stack.open(changed)).boot()).toEqual({ outcome: 'done' });
  expect((await stack.inspect('api')).id).not.toBe(api.id);
  const after = await stack.inspect('bystander');
  expect([after.id, after.startedAt]).toEqual([bystander.id, bystander.startedAt]);
});

test('who says restart: true must be restarted after, in the same container', async () => {
  await (await stack.open()).boot();
  const before = await stack.inspect('follower');
  await (await stack.open(changed)).boot();
  const [follower, api] = [await stack.inspect('follower'), await stack.inspect('api')];
  expect(follower.id).toBe(before.id);
  expect(follower.startedAt).toBeGreaterThan(api.startedAt ?? Number.POSITIVE_INFINITY);
});

test('what stands in an anonymous volume must survive a recreate', async () => {
  await (await stack.open()).boot();
  await stack.exec('api', 'sh', '-c', 'echo kept > /data/file');
  await (await stack.open(changed)).boot();
  expect(await stack.exec('api', 'cat', '/data/file')).toBe('kept\n');
});

test('replicas must come and go by number', async () => {
  const scaled = (count: number) => (yaml: string) =>
    yaml.replace('  bystander:', `  bystander:\n    scale: ${count}`);
  await (await stack.open(scaled(3))).boot();
  expect((await stack.states()).filter((state) => state.startsWith('bystander'))).toHaveLength(3);
  await (await stack.open(scaled(1))).boot();
  expect((await stack.states()).filter((state) => state.startsWith('bystander'))).toEqual([
    'bystander-1 running',
  ]);
});

test('a container that was removed by hand must come back, and only that', async () => {
  await (await stack.open()).boot();
  const follower = await stack.inspect('follower');
  await stack.engine.removeContainer((await stack.inspect('bystander')).id, { force: true });
  expect(await (await stack.open()).boot()).toEqual({ outcome: 'done' });
  expect(await stack.states()).toEqual(['api-1 running', 'bystander-1 running', 'follower-1 running']);
  expect((await stack.inspect('follower')).startedAt).toBe(follower.startedAt);
});
