import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync } from 'node:fs';

/** A file as a disk of its own, mounted on a folder; returns what unmounts it. Needs root. */
export function mountLoopDisk(disk: {
  readonly folder: string;
  readonly image: string;
  readonly sizeMiB: number;
}): () => void {
  const file = openSync(disk.image, 'w');
  ftruncateSync(file, disk.sizeMiB * 1024 * 1024);
  closeSync(file);
  execFileSync('/sbin/mkfs.ext4', ['-q', '-F', '-m', '0', disk.image]);
  execFileSync('mount', ['-o', 'loop', disk.image, disk.folder]);
  return () => {
    execFileSync('umount', ['--lazy', disk.folder]);
  };
}
