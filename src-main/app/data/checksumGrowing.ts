import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { newChecksum } from './checksum.ts';

const PIECE_BYTES = 1024 * 1024;
/** What was read is sent to the disk while the rest is still written: so the last word waits for little. */
const FLUSH_EVERY_BYTES = 256 * PIECE_BYTES;
const LOOK_AGAIN_MS = 5;

export interface Checked {
  readonly bytes: number;
  /** See checksum.ts. */
  readonly checksum: string;
}

export interface GrowingFile {
  readonly file: string;
  /** Resolves when nothing is added any more. */
  readonly written: Promise<unknown>;
  /** Wait until it is on the disk: where what it was copied from is deleted next. */
  readonly flush: boolean;
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** The checksum of a file that somebody else still writes at its end; while one piece is worked on the next is read. */
export async function checksumGrowing({ file, written, flush, onBytes }: GrowingFile): Promise<Checked> {
  // It may fail before anybody waits for it here.
  written.catch(() => undefined);
  // Its owner may not be who writes it: reading is all that is needed, also to have it on disk.
  const handle = await open(file, 'r');
  try {
    const sum = newChecksum();
    const flushes: Promise<void>[] = [];
    let bytes = 0;
    for await (const piece of pieces(handle, written)) {
      sum.update(piece);
      const passed = Math.floor(bytes / FLUSH_EVERY_BYTES);
      bytes += piece.length;
      onBytes?.(bytes);
      if (flush && Math.floor(bytes / FLUSH_EVERY_BYTES) > passed) flushes.push(handle.datasync());
    }
    await written;
    if (flush) flushes.push(handle.datasync());
    await Promise.all(flushes);
    return { bytes, checksum: sum.text() };
  } finally {
    await handle.close();
  }
}

async function* pieces(handle: FileHandle, written: Promise<unknown>): AsyncGenerator<Uint8Array> {
  let ended = false;
  const end = () => {
    ended = true;
  };
  written.then(end, end);
  const buffers = [Buffer.allocUnsafe(PIECE_BYTES), Buffer.allocUnsafe(PIECE_BYTES)] as const;
  let at = 0;
  const readInto = (buffer: Buffer) => {
    const last = ended;
    return handle.read(buffer, 0, PIECE_BYTES, at).then(({ bytesRead }) => ({ bytesRead, last }));
  };
  let [current, other]: readonly [Buffer, Buffer] = buffers;
  let reading = readInto(current);
  for (;;) {
    const { bytesRead, last } = await reading;
    if (bytesRead === 0 && last) return;
    if (bytesRead === 0) await Promise.race([sleep(LOOK_AGAIN_MS), written.catch(() => undefined)]);
    at += bytesRead;
    reading = readInto(other);
    yield current.subarray(0, bytesRead);
    [current, other] = [other, current];
  }
}
