import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { besideOf } from './beside.ts';
import { removeLeftovers } from './leftovers.ts';
import { takeLock } from './lock.ts';

/** No system gives this number to a process. */
const DEAD = 4_194_304;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-leftovers-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('what a killed process left half made goes, and its lock; all else stays', async () => {
  const at = (name: string) => path.join(folder, name);
  await writeFile(at(`swaps.json.${DEAD}-3.new`), 'half');
  await writeFile(at('a.lock'), `{"pid":${DEAD},"began":"1"}`);
  await writeFile(besideOf(at('b.json')), 'being made');
  await writeFile(at('mine.new'), 'of the user');
  const held = await takeLock(at('c.lock'));
  await removeLeftovers(folder);
  expect((await readdir(folder)).map((name) => name.replace(/\d+-\d+/, 'N')).sort()).toEqual([
    'b.json.N.new',
    'c.lock',
    'mine.new',
  ]);
  await held?.release();
});

test('a folder that is not there has none', async () => {
  await expect(removeLeftovers(path.join(folder, 'none'))).resolves.toBeUndefined();
});
