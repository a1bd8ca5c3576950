import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { cacheDirectory } from './paths.ts';

/** A whole hub is built within this time; who waits longer waits for something that hangs. */
const LOCK_TIMEOUT_MS = 1_800_000;

/**
 * Runs `work` while no other process on this machine runs work under the same name. A lock whose holder is gone
 * is taken over.
 */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  const file = cacheDirectory('locks', name);
  mkdirSync(cacheDirectory('locks'), { recursive: true });
  const end = Date.now() + LOCK_TIMEOUT_MS;
  while (!tryTake(file)) {
    if (Date.now() > end) throw new Error(`Gave up waiting for the lock ${file}.`);
    await delay(100);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function tryTake(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (!holderIsAlive(file)) rmSync(file, { force: true });
    return false;
  }
}

function holderIsAlive(file: string): boolean {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    // Between creating and writing the file is empty for a moment: its holder lives.
    if (Number.isNaN(pid)) return true;
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}
