import { stat } from 'node:fs/promises';

/** What tells whether one of these files was written, replaced, made or removed since; reads none of them. */
export async function fileStamps(files: readonly string[]): Promise<string> {
  const stamps = await Promise.all(files.map(stampOf));
  return stamps.join('\n');
}

async function stampOf(file: string): Promise<string> {
  try {
    const { mtimeNs, size, ino } = await stat(file, { bigint: true });
    return `${mtimeNs} ${size} ${ino}`;
  } catch {
    return 'none'; // not there, or not ours to read: the loader says so in its own words
  }
}
