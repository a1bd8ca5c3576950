import { createHash } from 'node:crypto';
import { constants, copyFile, link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Owner } from '#base/owner.ts';
import { besideOf } from './beside.ts';
import { errnoOf } from './fileFailure.ts';
import { isAlive, thisProcess } from './owner.ts';

/** Held while one process writes. */
export interface WriteLock {
  release(): Promise<void>;
}

/** From the making of a lock file to what stands in it, where it cannot be made with its content. */
const TORN_MS = 30;

/** Undefined when another living process holds it, or this one. What a dead one left is taken over, by one of those who try. */
export async function takeLock(path: string): Promise<WriteLock | undefined> {
  // Its content stands before it gets the name: nobody takes one that is being made for one of the dead.
  const prepared = besideOf(path);
  await writeFile(prepared, format(await thisProcess()), { mode: 0o600 });
  try {
    for (let tries = 0; tries < 3; tries++) {
      if (await giveName(prepared, path)) return lockOf(path);
      const found = await readLock(path);
      if (found === undefined) continue; // released meanwhile
      if (await isOfLiving(found)) return undefined;
      if (await takeOver(path, { prepared, dead: found })) return lockOf(path);
    }
    return undefined;
  } finally {
    await rm(prepared, { force: true });
  }
}

/** Removes a lock whose process has been killed. */
export async function removeDeadLock(path: string): Promise<void> {
  await (await takeLock(path))?.release();
}

function lockOf(path: string): WriteLock {
  return { release: () => rm(path, { force: true }) };
}

/** Longer than any work under a lock takes: who waits longer goes on without, since something is wrong with the lock. */
const LOCK_TRIES = 500;
const LOCK_PAUSE_MS = 20;

/** Does its work, which is short, while nobody else does theirs under the same lock, in this process or another. */
export async function whileLocked<T>(path: string, work: () => Promise<T>): Promise<T> {
  const held = await untilHeld(path);
  try {
    return await work();
  } finally {
    await held?.release();
  }
}

async function untilHeld(path: string): Promise<WriteLock | undefined> {
  for (let tries = 0; tries < LOCK_TRIES; tries++) {
    const held = await takeLock(path);
    if (held !== undefined) return held;
    await delay(LOCK_PAUSE_MS);
  }
  return undefined;
}

/** False where that name is taken. */
async function giveName(prepared: string, name: string): Promise<boolean> {
  try {
    return await made(link(prepared, name));
  } catch (thrown) {
    if (!NO_LINKS.has(errnoOf(thrown) ?? '')) throw thrown;
    return made(copyFile(prepared, name, constants.COPYFILE_EXCL));
  }
}

/** What file systems without hard links say. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL']);

async function made(making: Promise<void>): Promise<boolean> {
  try {
    await making;
    return true;
  } catch (thrown) {
    if (errnoOf(thrown) === 'EEXIST') return false;
    throw thrown;
  }
}

/**
 * Of several that see the same dead one, one claims it and puts its own in its place: there is always a lock under the name. A
 * claim is a lock, too: who is killed with one leaves it to the next.
 */
async function takeOver(
  path: string,
  { prepared, dead }: { readonly prepared: string; readonly dead: string },
): Promise<boolean> {
  const claim = `${path}.${createHash('sha256').update(dead).digest('hex').slice(0, 12)}.lock`;
  if (!(await giveName(prepared, claim))) {
    const claimed = await readLock(claim);
    if (claimed !== undefined && !(await isOfLiving(claimed))) await rm(claim, { force: true });
    return false;
  }
  try {
    // Somebody may have been faster and done with it.
    if ((await textOf(path)) !== dead) return false;
    await rename(prepared, path);
    return true;
  } finally {
    await rm(claim, { force: true });
  }
}

async function isOfLiving(text: string): Promise<boolean> {
  const owner = parse(text);
  return owner !== undefined && (await isAlive(owner));
}

async function readLock(path: string): Promise<string | undefined> {
  const text = await textOf(path);
  if (text === undefined || parse(text) !== undefined) return text;
  // It may be about to be written.
  await delay(TORN_MS);
  return textOf(path);
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}

function format({ pid, began }: Owner): string {
  return JSON.stringify({ pid, began });
}

/** An empty or torn file was left by a process that was killed between creating and writing it. */
function parse(text: string): Owner | undefined {
  const match = /^\{"pid":(\d+),"began":"([^"]*)"\}$/.exec(text);
  return match === null ? undefined : { pid: Number(match[1]), began: match[2] ?? '' };
}
