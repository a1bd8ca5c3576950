import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from './daemonProcess.ts';
import { cacheDirectory } from './paths.ts';

/** A whole hub is built within this time; who waits longer waits for something that hangs. */
const LOCK_TIMEOUT_MS = 1_800_000;

/** Taking over a dead holder's lock is a matter of milliseconds; a mark older than this was left by a crash. */
const TAKEOVER_MS = 10_000;

export interface LockOptions {
  /** Names the lock; processes on this machine that use the same name exclude each other. */
  readonly name: string;
  /** Called once when somebody else holds it. */
  readonly onWait?: (holder: number) => void;
}

/** Runs `work` while no other process runs work under the same name. A lock whose holder is gone is taken over. */
export async function withLock<T>(options: LockOptions, work: () => Promise<T>): Promise<T> {
  const file = cacheDirectory('locks', options.name);
  mkdirSync(cacheDirectory('locks'), { recursive: true });
  await take(file, options.onWait);
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

async function take(file: string, onWait?: (holder: number) => void): Promise<void> {
  const end = Date.now() + LOCK_TIMEOUT_MS;
  let told = false;
  while (!create(file)) {
    const holder = holderOf(file);
    if (holder !== undefined && !isAlive(holder)) removeStale(file, holder);
    else if (holder !== undefined && !told) {
      told = true;
      onWait?.(holder);
    }
    if (Date.now() > end) throw new Error(`Gave up waiting for the lock ${file}.`);
    await delay(100);
  }
}

function create(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    return false; // it is there: somebody holds it
  }
}

/** The process that holds the lock; undefined when it was released meanwhile, or is being written. */
function holderOf(file: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return Number.isNaN(pid) ? undefined : pid;
  } catch {
    return undefined;
  }
}

/** Only one may remove a dead holder's lock: a second one would remove the lock of whoever came next. */
function removeStale(file: string, holder: number): void {
  const mark = `${file}.takeover`;
  if (!create(mark)) {
    const age = Date.now() - (statSync(mark, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > TAKEOVER_MS) rmSync(mark, { force: true });
    return;
  }
  if (holderOf(file) === holder) rmSync(file, { force: true });
  rmSync(mark, { force: true });
}
