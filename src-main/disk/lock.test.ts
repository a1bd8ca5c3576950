import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeLock } from './lock.ts';
import { thisProcess } from './owner.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-lock-'));
  file = path.join(folder, 'a.lock');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** How many of so many that try at once get it. */
async function holders(tries: number): Promise<number> {
  const locks = await Promise.all(Array.from({ length: tries }, () => takeLock(file)));
  return locks.filter((lock) => lock !== undefined).length;
}

test('one of many holds it, until it releases it', async () => {
  expect(await holders(20)).toBe(1);
  expect(await takeLock(file)).toBeUndefined();
  await rm(file);
  const lock = await takeLock(file);
  expect(await readdir(folder)).toEqual(['a.lock']);
  await lock?.release();
  expect(await readdir(folder)).toEqual([]);
});

test.each([
  ['a dead process', '{"pid":4194304,"began":"1"}'],
  ['a killed one that had just begun', ''],
])('what %s left is taken over by one', async (_who, text) => {
  for (let round = 0; round < 20; round++) {
    await writeFile(file, text);
    expect(await holders(8)).toBe(1);
    expect(await readdir(folder)).toEqual(['a.lock']);
  }
});

test('a later process of the same number does not hold it', async () => {
  const { pid, began } = await thisProcess();
  await writeFile(file, JSON.stringify({ pid, began: `${began} earlier` }));
  expect(await takeLock(file)).toBeDefined();
});
