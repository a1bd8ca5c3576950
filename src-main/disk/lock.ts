import { readFileSync } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** Held while one process writes. */
export interface WriteLock {
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  /** Tells a process from a later one of the same number, where the system says when a process began. */
  readonly began: string;
}

/** From the making of a lock file to what stands in it. */
const TORN_MS = 30;

/** Undefined when another living process holds it. What a dead one left is taken over. */
export async function takeLock(path: string): Promise<WriteLock | undefined> {
  for (let tries = 0; tries < 3; tries++) {
    if (await create(path)) return { release: () => rm(path, { force: true }) };
    if (await isHeld(path)) return undefined;
    await rm(path, { force: true });
  }
  return undefined;
}

async function create(path: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx');
    await handle.writeFile(
      JSON.stringify({ pid: process.pid, began: beganAt(process.pid) } satisfies Holder),
    );
    await handle.close();
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  }
}

async function isHeld(path: string): Promise<boolean> {
  let holder = parseHolder(await readFile(path, 'utf8').catch(() => ''));
  if (holder === undefined) {
    // It may be about to be written.
    await delay(TORN_MS);
    holder = parseHolder(await readFile(path, 'utf8').catch(() => ''));
  }
  if (holder === undefined || !isAlive(holder.pid)) return false;
  return holder.began === beganAt(holder.pid);
}

/** An empty or torn file was left by a process that was killed between creating and writing it. */
function parseHolder(text: string): Holder | undefined {
  const match = /^\{"pid":(\d+),"began":"([^"]*)"\}$/.exec(text);
  return match === null ? undefined : { pid: Number(match[1]), began: match[2] ?? '' };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Linux: field 22 of /proc/PID/stat. Elsewhere empty, and a process number alone must do. */
function beganAt(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
