import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, readFileSync } from 'node:fs';

/** A file as a disk of its own, mounted on a folder; `unmountBelow` takes it off again. Needs root. */
export function mountLoopDisk(disk: {
  readonly folder: string;
  readonly image: string;
  readonly sizeMiB: number;
}): void {
  const file = openSync(disk.image, 'w');
  ftruncateSync(file, disk.sizeMiB * 1024 * 1024);
  closeSync(file);
  execFileSync('/sbin/mkfs.ext4', ['-q', '-F', '-m', '0', disk.image]);
  execFileSync('mount', ['-o', 'loop', disk.image, disk.folder]);
}

/** Takes off whatever is still mounted below a folder: an engine that was killed leaves its containers' file systems. */
export function unmountBelow(folder: string): void {
  const targets = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((target) => target.startsWith(`${folder}/`));
  for (const target of targets.reverse()) execFileSync('umount', ['--lazy', target]);
}
