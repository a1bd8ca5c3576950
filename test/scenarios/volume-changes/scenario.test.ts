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
  await expect(recreate('carry')).rejects.toMatchObject({ data: { kind: 'input.invalid' } });
  await define('second');
  expect((await stack.client.stack.plan(at())).text).toContain('its definition changed; it stays as it is');
  expect(await stack.boot()).toEqual({ type: 'done' });
  expect(await edition()).toBe('first');
  await expect(recreate('carry')).rejects.toMatchObject({
    data: { kind: 'data.consentRequired', missing: [`recreate-volume:${notes()}`] },
  });
  expect(await edition()).toBe('first');
});

test('made anew it must be as the files say, with its data or empty, and leave what it held in the bin', async () => {
  const consents = [`recreate-volume:${notes()}`];
  const bystander = await stack.inspect('bystander');
  await define('second');
  expect(await stack.ended(recreate('carry', consents))).toEqual({ type: 'done' });
  expect(await edition()).toBe('second');
  expect(await stack.exec('writer', 'cat', '/notes/file')).toBe('kept\n');
  expect((await stack.client.stack.plan(at())).text).not.toContain('definition changed');
  await define('third');
  expect(await stack.ended(recreate('empty', consents))).toEqual({ type: 'done' });
  expect(await edition()).toBe('third');
  expect(await stack.exec('writer', 'ls', '/notes')).toBe('');
  const { bin } = await stack.client.data.view(at());
  expect(bin.map(({ reason }) => reason)).toEqual(['recreated', 'recreated']);
  expect((await stack.inspect('bystander')).startedAt).toBe(bystander.startedAt);
});
