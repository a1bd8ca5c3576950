import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Where the kernel's first version of control groups is mounted for processors; cgroups(7). */
const ROOTS = ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/cpu,cpuacct'];
const GROUP = 'slipway-engine';

/**
 * Puts a daemon, and whatever it starts from then on, into a group that gets the processors as one, as systemd does with each of its
 * services; decision 064. Nothing happens where the kernel's groups are of the second version, or may not be changed.
 */
export function groupOnProcessors(pid: number, roots: readonly string[] = ROOTS): void {
  const root = roots.find((folder) => existsSync(path.join(folder, 'cpu.shares')));
  if (root === undefined) return;
  try {
    const group = path.join(root, GROUP);
    mkdirSync(group, { recursive: true });
    writeFileSync(path.join(group, 'cgroup.procs'), String(pid));
  } catch {
    // In a container of little rights: the engine runs all the same, and other programs wait longer beside it.
  }
}
