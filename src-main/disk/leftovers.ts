import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { makerOf } from './beside.ts';
import { errnoOf } from './fileFailure.ts';
import { removeDeadLock } from './lock.ts';
import { isThere } from './owner.ts';

/** Removes from one of our folders what processes that were killed left half made, and the locks that they held. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    const file = path.join(folder, name);
    const maker = makerOf(name);
    if (maker !== undefined && !isThere(maker)) await rm(file, { force: true });
    if (name.endsWith('.lock')) await removeDeadLock(file);
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return [];
    throw thrown;
  }
}
