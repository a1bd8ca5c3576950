import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileStore } from '#run/fileStore.ts';
import { takeLock } from '#streams/logStore/lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-store-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('of updates that several make at once none is lost, and no lock is left', async () => {
  const stores = Array.from({ length: 4 }, () => fileStore(folder, { lock: takeLock }));
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
  await fileStore(folder, { lock: takeLock }).update('a.json', () => 'new');
  expect(await fileStore(folder).read('a.json')).toBe('new');
});
