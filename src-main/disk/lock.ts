import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Owner } from '#base/owner.ts';
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
  const text = format(await thisProcess());
  for (let tries = 0; tries < 3; tries++) {
    if (await create(path, text)) return { release: () => rm(path, { force: true }) };
    const found = await readLock(path);
    if (found === undefined) continue; // released meanwhile
    const owner = parse(found);
    if (owner !== undefined && (await isAlive(owner))) return undefined;
    await takeAway(path, found);
  }
  return undefined;
}

/** Longer than any work under a lock takes: who waits longer goes on without, since something is wrong with the lock. */
const LOCK_TRIES = 100;
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

/** The file has its content as soon as it has its name: nobody takes one that is being made for one of the dead. */
async function create(path: string, text: string): Promise<boolean> {
  const beside = besideOf(path);
  try {
    await writeFile(beside, text, { flag: 'wx', mode: 0o600 });
    return await made(link(beside, path));
  } catch (thrown) {
    if (!NO_LINKS.has(errnoOf(thrown) ?? '')) throw thrown;
    return await made(writeFile(path, text, { flag: 'wx', mode: 0o600 }));
  } finally {
    await rm(beside, { force: true });
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

/** Of several that see the same dead one, one takes its file away; who got another's meanwhile puts it back. */
async function takeAway(path: string, dead: string): Promise<void> {
  const beside = besideOf(path);
  try {
    await rename(path, beside);
    if ((await readFile(beside, 'utf8')) !== dead) await made(link(beside, path));
  } catch (thrown) {
    if (errnoOf(thrown) !== 'ENOENT') throw thrown;
  } finally {
    await rm(beside, { force: true });
  }
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

function besideOf(path: string): string {
  return `${path}.${randomUUID()}`;
}

function format({ pid, began }: Owner): string {
  return JSON.stringify({ pid, began });
}

/** An empty or torn file was left by a process that was killed between creating and writing it. */
function parse(text: string): Owner | undefined {
  const match = /^\{"pid":(\d+),"began":"([^"]*)"\}$/.exec(text);
  return match === null ? undefined : { pid: Number(match[1]), began: match[2] ?? '' };
}
