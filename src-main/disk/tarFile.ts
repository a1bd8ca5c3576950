import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createGzip } from 'node:zlib';
import { extract, type Pack, pack } from 'tar-stream';
import { AppFailure } from '#contract/errors.ts';
import { errnoOf, fileFailure } from './fileFailure.ts';

/** Images and volumes are compressed before they come here: more effort than this wins nothing. */
const GZIP_LEVEL = 1;

/** How a tar file of ours is written and read. */
export interface TarFileOptions {
  readonly gzip: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes a tar file, readable by its owner only: beside and renamed, so that a half one never has the name. `fill` adds the
 * entries one after the other. Returns its size in bytes.
 */
export async function writeTarFile(
  file: string,
  fill: (tar: Pack) => Promise<void>,
  { gzip, signal }: TarFileOptions,
): Promise<number> {
  const unfinished = `${file}.unfinished`;
  const tar = pack();
  const squeeze = gzip ? createGzip({ level: GZIP_LEVEL }) : new PassThrough();
  try {
    await mkdir(path.dirname(file), { recursive: true });
    const output = createWriteStream(unfinished, { mode: 0o600 });
    const written = pipeline(tar, squeeze, output, { ...(signal ? { signal } : {}) });
    const filled = fill(tar).then(() => tar.finalize());
    try {
      // A disk that is full ends the file; a source that cannot be read ends what fills it. Neither waits for the other.
      await Promise.all([written, filled]);
    } catch (thrown) {
      // Its file may be about to be opened: until that is closed again, there is nothing to remove.
      tar.destroy();
      await written.catch(() => undefined);
      throw thrown;
    }
    await rename(unfinished, file);
  } catch (thrown) {
    await rm(unfinished, { force: true });
    throw fileFailure(thrown, file);
  }
  return (await stat(file)).size;
}

/** One file of an archive that is being read. The content has to be read to its end. */
export interface TarFileEntry {
  readonly name: string;
  readonly isFile: boolean;
  readonly bytes: number;
  readonly content: Readable;
}

/**
 * Reads a tar file from its beginning to its end. `what` it should be (`a whole checkpoint`) is said where the bytes are none:
 * `input.invalid`. What `onEntry` throws comes through, and so does what the system says of the file.
 */
export async function readTarFile(
  file: string,
  what: string,
  onEntry: (entry: TarFileEntry) => Promise<void>,
  { gzip, signal }: TarFileOptions,
): Promise<void> {
  const tar = extract();
  const unsqueeze = gzip ? createGunzip({ finishFlush: constants.Z_FINISH }) : new PassThrough();
  const fed = pipeline(createReadStream(file), unsqueeze, tar, { ...(signal ? { signal } : {}) });
  const failed = fed.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  try {
    for await (const entry of tar) {
      const { name, type, size = 0 } = entry.header;
      await onEntry({ name, isFile: type === 'file', bytes: size, content: entry as unknown as Readable });
    }
    await fed;
  } catch (thrown) {
    tar.destroy();
    const cause = await failed;
    if (thrown instanceof AppFailure) throw thrown;
    if (signal?.aborted) throw signal.reason;
    if (errnoOf(cause) !== undefined) throw fileFailure(cause, file);
    // Such as a full disk where the entries go.
    if (errnoOf(thrown) !== undefined) throw thrown;
    throw new AppFailure(
      { kind: 'input.invalid', field: 'file', message: `${file} is not ${what}.` },
      { cause: cause ?? thrown },
    );
  }
}

/** A small text of an archive, such as its manifest. Rejects with `input.invalid` above `limit` bytes. */
export async function entryText(entry: TarFileEntry, limit: number): Promise<string> {
  if (entry.bytes > limit)
    throw new AppFailure({ kind: 'input.invalid', field: 'file', message: `${entry.name} is too large.` });
  const pieces: Uint8Array[] = [];
  for await (const piece of entry.content) pieces.push(piece as Uint8Array);
  return Buffer.concat(pieces).toString('utf8');
}
