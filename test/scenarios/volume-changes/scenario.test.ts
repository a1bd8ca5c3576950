import path from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { CoreStack } from '#support/coreStack.ts';
import { needImages } from '#support/world.ts';

let stack: CoreStack;
const at = () => ({ workspace: stack.workspace });
const notes = () => `${stack.name}_notes`;
const recreate = (data: 'carry' | 'empty', consents: string[] = []) =>
  stack.client.data.recreate({ ...at(), volumes: [notes()], data, consents });
const edition = async () => (await stack.engine.inspectVolume(notes()))?.labels['edition'];
const define = async (name: string) => {
  await stack.edit('compose.yaml', (text) => text.replace(/edition: \w+/, `edition: ${name}`));
  await stack.client.project.reload(at());
};

beforeAll(() => needImages('busybox'));
beforeEach(async () => {
  stack = await CoreStack.open(path.join(import.meta.dirname, 'stack'));
  expect(await stack.boot()).toEqual({ type: 'done' });
  await stack.exec('writer', 'sh', '-c', 'echo kept > /notes/file');
});
afterEach(() => stack?.dispose());

test('a volume whose definition changed must stay as it is until somebody agrees to have it made anew', async () => {
  await expect(recreate('carry')).rejects.toMatchObject({ error: { kind: 'input.invalid' } });
  await define('second');
  expect((await stack.client.stack.plan(at())).text).toContain('its definition changed; it stays as it is');
  expect(await stack.boot()).toEqual({ type: 'done' });
  expect(await edition()).toBe('first');
  await expect(recreate('carry')).rejects.toMatchObject({
    error: { kind: 'data.consentRequired', missing: [`recreate-volume:${notes()}`] },
  });
  expect(await edition()).toBe('first');
});

test('made anew it must be as the files say, hold its data, and leave a copy in the bin', async () => {
  await define('second');
  const bystander = await stack.inspect('bystander');
  expect(await stack.ended(recreate('carry', [`recreate-volume:${notes()}`]))).toEqual({ type: 'done' });
  expect(await edition()).toBe('second');
  expect(await stack.exec('writer', 'cat', '/notes/file')).toBe('kept\n');
  expect((await stack.inspect('bystander')).startedAt).toBe(bystander.startedAt);
  expect((await stack.client.stack.plan(at())).text).not.toContain('definition changed');
  expect((await stack.client.data.view(at())).bin[0]).toMatchObject({ reason: 'recreated' });
});

test('made anew and empty it must hold nothing, and what it held must come back from the bin', async () => {
  await define('third');
  expect(await stack.ended(recreate('empty', [`recreate-volume:${notes()}`]))).toEqual({ type: 'done' });
  expect(await edition()).toBe('third');
  expect(await stack.exec('writer', 'ls', '/notes')).toBe('');
  const [kept] = (await stack.client.data.view(at())).bin;
  const restored = stack.client.data.restore({ ...at(), checkpoint: kept?.id ?? '' });
  expect(await stack.ended(restored)).toEqual({ type: 'done' });
  expect(await stack.exec('writer', 'cat', '/notes/file')).toBe('kept\n');
});
