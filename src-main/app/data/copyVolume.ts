import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { AppFailure, throwIfCancelled } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';

/** Containers that are only there to reach a volume carry this label; they are never started. */
export const COPY_LABEL = 'dev.slipway.copy';
/** A path that no image has, so that nothing of the image is copied into an empty volume. */
const MOUNT = '/slipway-volume';
/** What the engine's tar stream of an empty folder takes: one header and the end. */
const EMPTY_TAR_BYTES = 3 * 512;

export type Encoding = 'zstd' | 'gzip';

export interface VolumeCopy {
  readonly encoding: Encoding;
  /** Of the tar stream. */
  readonly bytes: number;
  /** Of the file. */
  readonly storedBytes: number;
  /** Of the file. */
  readonly sha256: string;
}

export interface VolumeAccess {
  readonly engine: Engine;
  readonly volume: string;
  /** Any image of this machine: nothing of it is run. */
  readonly image: string;
  readonly newId: () => string;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** Is there anything in it? */
export function isEmptyCopy(copy: { readonly bytes: number }): boolean {
  return copy.bytes <= EMPTY_TAR_BYTES;
}

/** Streams a volume through the engine into a compressed file. Needs neither a shell nor tar in any image. */
export async function saveVolume(access: VolumeAccess, file: string): Promise<VolumeCopy> {
  return withVolume(access, async (container) => {
    const archive = await access.engine.readArchive(container, MOUNT, { signal: access.signal });
    const encoding: Encoding = canZstd() ? 'zstd' : 'gzip';
    const read = counter(access.onBytes);
    const stored = counter();
    const hash = createHash('sha256');
    try {
      await pipeline(
        Readable.from(archive),
        read.stream,
        encoding === 'zstd' ? zlib.createZstdCompress() : zlib.createGzip({ level: 1 }),
        stored.stream,
        async function* (source: AsyncIterable<Uint8Array>) {
          for await (const chunk of source) {
            hash.update(chunk);
            yield chunk;
          }
        },
        createWriteStream(file, { flush: true }),
        { signal: access.signal },
      );
    } catch (thrown) {
      throw named(thrown, access.signal);
    } finally {
      archive.close();
    }
    return { encoding, bytes: read.total(), storedBytes: stored.total(), sha256: hash.digest('hex') };
  });
}

/** Unpacks a file that `saveVolume` wrote into a volume that is there and empty. Throws before it writes when the file is damaged. */
export async function fillVolume(access: VolumeAccess, file: string, copy: VolumeCopy): Promise<void> {
  await checkFile(file, copy);
  await withVolume(access, async (container) => {
    const read = counter(access.onBytes, copy.bytes);
    const decoder = copy.encoding === 'zstd' ? zstdDecoder() : zlib.createGunzip();
    const tar = pipeline(createReadStream(file), decoder, read.stream, { signal: access.signal });
    // Its end is also the reader's: a failure on the way destroys the stream that is uploaded.
    tar.catch(() => undefined);
    try {
      await access.engine.writeArchive(container, '/', read.stream, { signal: access.signal });
      await tar;
    } catch (thrown) {
      throw named(thrown, access.signal);
    }
  });
}

/** Throws `data.dumpFailed` where the file is not the one that was written. */
export async function checkFile(file: string, copy: VolumeCopy): Promise<void> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
  if (hash.digest('hex') === copy.sha256) return;
  throw new AppFailure({
    kind: 'data.dumpFailed',
    service: '',
    output: file,
    message: 'The checkpoint is damaged: a file in it is not as it was written. Nothing has been changed.',
  });
}

async function withVolume<T>(access: VolumeAccess, work: (id: ContainerId) => Promise<T>): Promise<T> {
  const { engine, volume, image, newId, signal } = access;
  const name = `slipway-copy-${newId().slice(0, 12)}`;
  const { id } = await engine.createContainer({
    name,
    body: {
      Image: image,
      Entrypoint: ['/never-started'],
      Cmd: [],
      Labels: { [COPY_LABEL]: volume },
      HostConfig: { NetworkMode: 'none', Mounts: [{ Type: 'volume', Source: volume, Target: MOUNT }] },
    },
    signal,
  });
  try {
    return await work(id);
  } finally {
    // Volumes that the image itself declares came with the container; the one that was named stays.
    await engine.removeContainer(id, { force: true, anonymousVolumes: true });
  }
}

function canZstd(): boolean {
  return typeof zlib.createZstdCompress === 'function';
}

function zstdDecoder(): Transform {
  if (canZstd()) return zlib.createZstdDecompress();
  throw new AppFailure({
    kind: 'input.invalid',
    message: 'This checkpoint is compressed with zstd, which this runtime cannot read.',
    hint: 'Use the slipway command with Node 24.',
  });
}

/** Counts what passes. More than `limit` ends it: a file that unpacks to more than it says is no checkpoint of ours. */
function counter(onBytes?: (bytes: number) => void, limit = Number.POSITIVE_INFINITY) {
  let total = 0;
  const stream = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      total += chunk.length;
      onBytes?.(total);
      if (total > limit) return done(new RangeError('the checkpoint holds more than it says'));
      done(null, chunk);
    },
  });
  return { stream, total: () => total };
}

/** The streams' own errors in the project's words. */
function named(thrown: unknown, signal: AbortSignal | undefined): unknown {
  throwIfCancelled(signal);
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return thrown;
  const message = 'There is no room left for the checkpoint. Nothing has been deleted.';
  return new AppFailure(
    { kind: 'disk.full', message, hint: 'Delete checkpoints you do not need.' },
    { cause: thrown },
  );
}
