import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Owner } from '#base/owner.ts';

let mine: Promise<string> | undefined;

/** This process, as a journal names it. */
export async function thisProcess(): Promise<Owner> {
  mine ??= beganAt(process.pid);
  return { pid: process.pid, began: await mine };
}

/** One that an earlier Slipway wrote down may lack its beginning: its number alone must do. */
type WrittenOwner = Pick<Owner, 'pid'> & { readonly began?: string | undefined };

/** Does a process still run under this number, and is it the one that wrote it down? */
export async function isAlive({ pid, began }: WrittenOwner): Promise<boolean> {
  return isThere(pid) && (began === undefined || began === (await beganAt(pid)));
}

/** As `isAlive`, and never true for ourselves. */
export async function isOtherAlive(owner: WrittenOwner): Promise<boolean> {
  return owner.pid !== process.pid && (await isAlive(owner));
}

/** Whether the machine has not been started anew since this process ran; true where that cannot be told. */
export async function isOfThisBoot(owner: Owner): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const boot = ({ began }: Owner) => began.split(' ')[0] ?? '';
  const [then, now] = [boot(owner), boot(await thisProcess())];
  return then === '' || now === '' || then === now;
}

/** A signal of 0 asks only whether the process is there; no permission means that it is. */
export function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}

/** When a process began, in the system's own words; empty where it cannot be told, and the number alone must do. */
async function beganAt(pid: number): Promise<string> {
  if (process.platform === 'linux') return linuxStart(pid);
  if (process.platform === 'win32') return '';
  const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }));
  return stdout.trim();
}

/** What a process is called that has ended and that nobody has asked about yet: its number is still taken. */
const ENDED = 'ended';

/** Field 22 of /proc/PID/stat counts from the start of the machine, which has an id of its own. */
async function linuxStart(pid: number): Promise<string> {
  try {
    const [boot, stat] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ]);
    // The second field is the command's name, which may hold blanks and brackets.
    const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (/^[ZX]/.test(afterName[0] ?? '')) return ENDED;
    return `${boot.trim()} ${afterName[19] ?? ''}`;
  } catch {
    // A /proc that is hidden or a process that has just ended: the number alone must do.
    return '';
  }
}
