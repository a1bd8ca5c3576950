import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { eventually } from './eventually.ts';

/**
 * Every file of a folder, however deep, with its bytes as text (latin1). All is read again when a file was moved meanwhile: the
 * core replaces a file whole, under its name beside it.
 */
export function filesUnder(
  folder: string,
): Promise<readonly { readonly file: string; readonly content: string }[]> {
  return eventually(async () => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
    return Promise.all(files.map(async (file) => ({ file, content: await readFile(file, 'latin1') })));
  });
}
