import { createReadStream, createWriteStream } from 'node:fs';
import { open, stat, truncate } from 'node:fs/promises';
import { PassThrough, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { AppFailure, throwIfCancelled } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';
import { type Checksum, newChecksum } from './checksum.ts';
import { type Checked, checksumGrowing } from './checksumGrowing.ts';
import { copyLabels } from './copyHelpers.ts';
import type { TarHelper } from './tarHelper.ts';

/** The folder that holds a volume's content in its archive. */
export const VOLUME_FOLDER = 'slipway-volume';
/** A path that no image has, so that nothing of the image is copied into an empty volume. */
const MOUNT = `/${VOLUME_FOLDER}`;
/** What the engine's tar stream of an empty folder takes: one header and the end. */
const EMPTY_TAR_BYTES = 3 * 512;
const TAR_BLOCK_BYTES = 512;
/** Programs fill the last record up: that of the engine is one block, that of `tar` so many where it can be told. */
export const TAR_RECORD_BLOCKS = 128;
const TAR_RECORD_BYTES = TAR_RECORD_BLOCKS * TAR_BLOCK_BYTES;

const WRITE_BYTES = 1024 * 1024;

/** `none`: as the tar stream is; what leaves the machine is compressed. */
export type Encoding = 'none' | 'zstd' | 'gzip';

export interface VolumeCopy {
  readonly encoding: Encoding;
  /** Of the tar stream. */
  readonly bytes: number;
  /** Of the file. */
  readonly storedBytes: number;
  /** Of the file. */
  readonly checksum: string;
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

export interface SaveVolume extends VolumeAccess {
  /** Wait until it is on the disk: where the volume is deleted next. */
  readonly flush: boolean;
}

/** Is there anything in it? */
export function isEmptyCopy(copy: { readonly bytes: number }): boolean {
  return copy.bytes <= EMPTY_TAR_BYTES;
}

/** A volume's archive, written; its checksum may still be on its way. */
export interface SavedVolume {
  readonly bytes: number;
  readonly checked: Promise<Checked>;
}

/**
 * Writes a volume into a file: with `tar` where a helper has that, else as a stream through the engine, which needs neither a
 * shell nor tar in any image. Resolves when the volume is not needed any more.
 */
export async function saveVolume(
  access: SaveVolume,
  file: string,
  helper: TarHelper | undefined,
): Promise<SavedVolume> {
  return (helper && (await saveByTar(access, file, helper))) ?? saveByEngine(access, file);
}

async function saveByTar(
  access: SaveVolume,
  file: string,
  helper: TarHelper,
): Promise<SavedVolume | undefined> {
  // Made here, so that it is ours and nobody else's to read, whoever the engine runs as.
  await (await open(file, 'w', 0o600)).close();
  const written = helper.save(access.volume, file);
  const whole = written.then(() => trimEmpty(file));
  const { flush, onBytes } = access;
  const checked = checksumGrowing({ file, written: whole, flush, onBytes });
  checked.catch(() => undefined);
  const ok = await written;
  await whole;
  const bytes = await sizeOf(file);
  // What was cut off an empty one may have been read already: its few bytes are read again.
  if (ok && bytes > 0 && bytes <= EMPTY_TAR_BYTES)
    return { bytes, checked: checksumGrowing({ file, written: whole, flush }) };
  if (ok && bytes > 0) return { bytes, checked };
  await checked;
  return undefined;
}

async function saveByEngine(access: SaveVolume, file: string): Promise<SavedVolume> {
  return withVolume(access, async (container) => {
    const archive = await access.engine.readArchive(container, MOUNT, { signal: access.signal });
    const sum = newChecksum();
    const read = counter((bytes) => access.onBytes?.(bytes), { sum });
    try {
      const out = createWriteStream(file, { flush: access.flush, mode: 0o600, highWaterMark: WRITE_BYTES });
      await pipeline(Readable.from(archive), read.stream, out, { signal: access.signal });
    } catch (thrown) {
      throw named(thrown, access.signal);
    } finally {
      archive.close();
    }
    const bytes = read.total();
    return { bytes, checked: Promise.resolve({ bytes, checksum: sum.text() }) };
  });
}

/** An archive of nothing is as short as the engine's, whoever wrote it. */
async function trimEmpty(file: string): Promise<void> {
  const bytes = await sizeOf(file);
  if (bytes <= EMPTY_TAR_BYTES || bytes > TAR_RECORD_BYTES) return;
  const handle = await open(file, 'r');
  try {
    const second = Buffer.alloc(TAR_BLOCK_BYTES);
    await handle.read(second, 0, TAR_BLOCK_BYTES, TAR_BLOCK_BYTES);
    if (second.every((byte) => byte === 0)) await truncate(file, EMPTY_TAR_BYTES);
  } finally {
    await handle.close();
  }
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file)).size;
}

/** The same content as small as it gets here, in a file beside it, for those who send it on. */
export async function compressCopy(file: string, to: string): Promise<Omit<VolumeCopy, 'bytes'>> {
  const encoding = canZstd() ? 'zstd' : 'gzip';
  const sum = newChecksum();
  const stored = counter(undefined, { sum });
  const encoder = canZstd() ? zlib.createZstdCompress() : zlib.createGzip({ level: 1 });
  const from = createReadStream(file, { highWaterMark: WRITE_BYTES });
  await pipeline(from, encoder, stored.stream, createWriteStream(to, { mode: 0o600 }));
  return { encoding, storedBytes: stored.total(), checksum: sum.text() };
}

/** Unpacks a file that `saveVolume` wrote into a volume that is there and empty. Throws before it writes when the file is damaged. */
export async function fillVolume(access: VolumeAccess, file: string, copy: VolumeCopy): Promise<void> {
  await checkFile(file, copy);
  await withVolume(access, async (container) => {
    const read = counter(access.onBytes, { limit: copy.bytes });
    const from = createReadStream(file, { highWaterMark: WRITE_BYTES });
    const tar = pipeline(from, decoderOf(copy.encoding), read.stream, { signal: access.signal });
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
  const sum = newChecksum(copy.checksum);
  for await (const chunk of createReadStream(file, { highWaterMark: WRITE_BYTES }))
    sum.update(chunk as Uint8Array);
  if (sum.text() === copy.checksum) return;
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
      Labels: await copyLabels([volume]),
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

function decoderOf(encoding: Encoding): Transform {
  if (encoding === 'zstd') return zstdDecoder();
  return encoding === 'gzip' ? zlib.createGunzip() : new PassThrough();
}

/** Counts what passes. More than `limit` ends it: a file that unpacks to more than it says is no checkpoint of ours. */
function counter(
  onBytes?: (bytes: number) => void,
  { limit = Number.POSITIVE_INFINITY, sum }: { readonly limit?: number; readonly sum?: Checksum } = {},
) {
  let total = 0;
  const stream = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      total += chunk.length;
      onBytes?.(total);
      if (total > limit) return done(new RangeError('the checkpoint holds more than it says'));
      sum?.update(chunk);
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
