import { mkdir, open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import type { TextStore } from '#base/textStore.ts';
import { besideOf } from './beside.ts';
import { FileWatch } from './fileWatch.ts';
import { whileLocked } from './lock.ts';

/**
 * Texts as files of one folder, which is made when something is written. A crash leaves the old file or the new one. `where`: the
 * folder, or what tells which one it is at the time.
 */
export function fileStore(where: string | (() => string)): TextStore {
  const folderNow = () => (typeof where === 'string' ? where : where());
  return {
    read: (name) => read(path.join(folderNow(), name)),
    update: async (name, change) => {
      const folder = folderNow();
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = path.join(folder, name);
      await whileLocked(`${file}.lock`, async () => replace(file, change(await read(file))));
    },
    watch: (name, listener) => {
      const watch = new FileWatch(listener);
      watch.set([path.join(folderNow(), name)]);
      return watch;
    },
  };
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw thrown;
  }
}

async function replace(file: string, text: string): Promise<void> {
  const temporary = besideOf(file);
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(text);
    // Without this a power cut may leave an empty file under the final name.
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
}
