import { mkdir, open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TextStore } from './history.ts';

/** Takes a lock file for this process; undefined while another living process holds it. */
export type TakeLock = (file: string) => Promise<{ release(): Promise<void> } | undefined>;

/** Longer than any update takes. Whoever waits longer goes on without: what stands here is a memory, not the user's data. */
const LOCK_TRIES = 100;
const LOCK_PAUSE_MS = 20;

/**
 * Texts as files of one folder, which is made when something is written. A crash leaves the old file or the new one. `where`: the
 * folder, or what tells which one it is at the time.
 */
export function fileStore(
  where: string | (() => string),
  { lock }: { readonly lock?: TakeLock } = {},
): TextStore {
  const folderNow = () => (typeof where === 'string' ? where : where());
  const store: TextStore = {
    read: async (name) => {
      try {
        return await readFile(path.join(folderNow(), name), 'utf8');
      } catch (thrown) {
        if (isMissing(thrown)) return undefined;
        throw thrown;
      }
    },
    write: async (name, text) => {
      const folder = folderNow();
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
    update: async (name, change) => {
      const folder = folderNow();
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const held = lock && (await untilHeld(lock, path.join(folder, `${name}.lock`)));
      try {
        await store.write(name, change(await store.read(name)));
      } finally {
        await held?.release();
      }
    },
  };
  return store;
}

async function untilHeld(lock: TakeLock, file: string): ReturnType<TakeLock> {
  for (let tries = 0; tries < LOCK_TRIES; tries++) {
    const held = await lock(file);
    if (held !== undefined) return held;
    await delay(LOCK_PAUSE_MS);
  }
  return undefined;
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
}
