import { mkdir, open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import type { TextStore } from './history.ts';

/** Texts as files of one folder, which is made when something is written. A crash leaves the old file or the new one. */
export function fileStore(folder: string): TextStore {
  return {
    read: async (name) => {
      try {
        return await readFile(path.join(folder, name), 'utf8');
      } catch (thrown) {
        if (isMissing(thrown)) return undefined;
        throw thrown;
      }
    },
    write: async (name, text) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const target = path.join(folder, name);
      const temporary = `${target}.${process.pid}.new`;
      const file = await open(temporary, 'w', 0o600);
      try {
        await file.writeFile(text);
        // Without this a power cut may leave an empty file under the final name.
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, target);
    },
  };
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
}
