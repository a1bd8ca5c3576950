import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '#support/eventually.ts';
import { fileStore } from './fileStore.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-store-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('of updates that several make at once none is lost, and no lock is left', async () => {
  const stores = Array.from({ length: 4 }, () => fileStore(folder));
  const more = (text: string | undefined) => `${text ?? ''}x`;
  await Promise.all(
    stores.flatMap((store) => [
      store.update('a.json', more),
      store.update('a.json', more),
      store.update('a.json', more),
    ]),
  );
  expect(await stores[0]?.read('a.json')).toBe('x'.repeat(12));
  expect(await readdir(folder)).toEqual(['a.json']);
});

test('a lock that a process left which was killed hinders nobody', async () => {
  await writeFile(path.join(folder, 'a.json.lock'), '{"pid":4194304,"began":"1"}');
  await fileStore(folder).update('a.json', () => 'new');
  expect(await fileStore(folder).read('a.json')).toBe('new');
});

test('who watches a text hears of it, also where its folder was not there', async () => {
  const inside = path.join(folder, 'later', 'on');
  let heard = 0;
  const watching = fileStore(inside).watch('a.json', () => heard++);
  await fileStore(inside).update('a.json', () => 'new');
  await eventually(() => heard > 0);
  watching.dispose();
});
