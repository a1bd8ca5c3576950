import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A long-running program of ours that outlives the script which started it. */
export interface Daemon {
  readonly command: string;
  readonly args: readonly string[];
  /** Holds the process id. */
  readonly pidFile: string;
  /** Who writes that file: dockerd refuses to start when it finds its own id there already. */
  readonly pidFileWriter: 'us' | 'program';
  /** A text in the command line that only our process has: an id may be used again by another program. */
  readonly mark: string;
  readonly logFile: string;
}

/** The process id of the running daemon, or undefined when it is gone (a reused id does not count). */
export function runningPid(daemon: Pick<Daemon, 'pidFile' | 'mark'>): number | undefined {
  const pid = Number.parseInt(readIfThere(daemon.pidFile) ?? '', 10);
  if (!Number.isInteger(pid)) return undefined;
  const commandLine = readIfThere(`/proc/${pid}/cmdline`);
  return commandLine?.includes(daemon.mark) === true ? pid : undefined;
}

/** Starts the daemon in its own session, output to a fresh log file, and returns its process id at once. */
export function startDaemon(daemon: Daemon): number | undefined {
  mkdirSync(path.dirname(daemon.pidFile), { recursive: true });
  mkdirSync(path.dirname(daemon.logFile), { recursive: true });
  rmSync(daemon.pidFile, { force: true });
  const log = openSync(daemon.logFile, 'w');
  const child = spawn(daemon.command, [...daemon.args], {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: '/',
  });
  closeSync(log);
  // A program that cannot be started is found by whoever waits for its answer; the log says nothing then.
  child.on('error', (thrown) => writeFileSync(daemon.logFile, `${String(thrown)}\n`, { flag: 'a' }));
  if (child.pid !== undefined && daemon.pidFileWriter === 'us')
    writeFileSync(daemon.pidFile, String(child.pid));
  child.unref();
  return child.pid;
}

/** Whether a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}

/** How long a daemon may take to end after SIGTERM before it is killed. */
const STOP_GRACE_MS = 20_000;

/** Ends the daemon when it is ours and running; answers whether there was one to end. */
export async function stopDaemon(
  daemon: Pick<Daemon, 'pidFile' | 'mark'>,
): Promise<'stopped' | 'not running'> {
  const pid = runningPid(daemon);
  if (pid === undefined) return 'not running';
  process.kill(pid, 'SIGTERM');
  const gone = await waitUntil(() => runningPid(daemon) === undefined, STOP_GRACE_MS);
  if (!gone) process.kill(pid, 'SIGKILL');
  rmSync(daemon.pidFile, { force: true });
  return 'stopped';
}

/** Looks ten times a second until `holds` or the time is over. */
export async function waitUntil(
  holds: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<boolean> {
  const end = Date.now() + timeoutMs;
  while (Date.now() < end) {
    if (await holds()) return true;
    await delay(100);
  }
  return await holds();
}

/** The last lines of a daemon's log, for an error message. */
export function logTail(file: string, lines = 8): string {
  return (readIfThere(file) ?? '').trimEnd().split('\n').slice(-lines).join('\n');
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // absent, or the process went away while we looked
  }
}
