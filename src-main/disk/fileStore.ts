import { mkdir, open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TextStore } from '#base/textStore.ts';
import { FileWatch } from './fileWatch.ts';
import { takeLock, type WriteLock } from './lock.ts';

/** Longer than any update takes. Whoever waits longer goes on without: what stands here is a memory, not the user's data. */
const LOCK_TRIES = 100;
const LOCK_PAUSE_MS = 20;

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
      const held = await untilHeld(`${file}.lock`);
      try {
        await replace(file, change(await read(file)));
      } finally {
        await held?.release();
      }
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
  const temporary = `${file}.${process.pid}.new`;
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

async function untilHeld(file: string): Promise<WriteLock | undefined> {
  for (let tries = 0; tries < LOCK_TRIES; tries++) {
    const held = await takeLock(file);
    if (held !== undefined) return held;
    await delay(LOCK_PAUSE_MS);
  }
  return undefined;
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
}
