import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const PIECE_BYTES = 1024 * 1024;
/** What was read is sent to the disk while the rest is still written: so the last word waits for little. */
const FLUSH_EVERY_BYTES = 256 * PIECE_BYTES;
const LOOK_AGAIN_MS = 5;

export interface Hashed {
  readonly bytes: number;
  readonly sha256: string;
}

/** The checksum of a file that somebody else still writes at its end; resolves when `written` has and all is on disk. */
export async function hashGrowing(
  file: string,
  written: Promise<unknown>,
  onBytes?: (bytes: number) => void,
): Promise<Hashed> {
  let ended = false;
  const end = () => {
    ended = true;
  };
  written.then(end, end);
  // Its owner may not be who writes it: reading is all that is needed, also to have it on disk.
  const handle = await open(file, 'r');
  try {
    const hash = createHash('sha256');
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    let bytes = 0;
    let flushed = 0;
    const flushes: Promise<void>[] = [];
    for (;;) {
      const last = ended;
      const { bytesRead } = await handle.read(piece, 0, PIECE_BYTES, bytes);
      if (bytesRead === 0 && last) break;
      if (bytesRead === 0) await Promise.race([sleep(LOOK_AGAIN_MS), written.catch(() => undefined)]);
      hash.update(piece.subarray(0, bytesRead));
      bytes += bytesRead;
      onBytes?.(bytes);
      if (bytes - flushed >= FLUSH_EVERY_BYTES) {
        flushed = bytes;
        flushes.push(flush(handle));
      }
    }
    await written;
    await Promise.all([...flushes, flush(handle)]);
    return { bytes, sha256: hash.digest('hex') };
  } finally {
    await handle.close();
  }
}

async function flush(handle: FileHandle): Promise<void> {
  await handle.datasync();
}
