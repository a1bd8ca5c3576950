import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import type { ContainerId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';

/** Enough for a version file and for the head of a snapshot. */
const HEAD_BYTES = 1024;

/** The beginning of a file in a container, running or not; undefined for what is no file. Rejects with `engine.notFound`. */
export async function firstBytes(
  engine: Engine,
  container: ContainerId,
  { path, signal }: { readonly path: string; readonly signal?: AbortSignal | undefined },
): Promise<Uint8Array | undefined> {
  const archive = await engine.readArchive(container, path, { signal });
  const unpack = extract();
  // What it says after the first bytes were read, or when it is closed for that, is not wanted.
  pipeline(Readable.from(archive), unpack).catch(() => undefined);
  try {
    for await (const entry of unpack) {
      if (entry.header.type !== 'file') return undefined;
      return await head(entry);
    }
    return undefined;
  } finally {
    archive.close();
  }
}

async function head(entry: AsyncIterable<unknown>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of entry) {
    pieces.push(piece as Uint8Array);
    size += (piece as Uint8Array).length;
    if (size >= HEAD_BYTES) break;
  }
  return Buffer.concat(pieces).subarray(0, HEAD_BYTES);
}
