import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createGzip } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import { z } from 'zod';
import { AppFailure } from '#contract/errors.ts';

/** `pack.json`, the first file of every pack: all that is needed to open it, and no value of anything. */
const MANIFEST = z.object({
  version: z.literal(1),
  project: z.string().min(1).max(255),
  createdAt: z.number(),
  services: z
    .array(
      z.object({
        service: z.string().max(255),
        image: z.string().max(1024),
        from: z.enum(['registry', 'pack', 'none']),
        why: z.string().max(1000).optional(),
      }),
    )
    .max(2000),
  variables: z
    .array(
      z.object({
        name: z.string().regex(/^[A-Za-z_]\w*$/),
        uses: z.array(z.object({ service: z.string().max(255), name: z.string().max(500) })).max(2000),
      }),
    )
    .max(20_000),
  checkpoints: z
    .array(
      z.object({ file: z.string().regex(/^checkpoints\/[\w-]{1,80}\.slipway$/), name: z.string().max(200) }),
    )
    .max(100),
  notes: z.array(z.string().max(4000)).max(2000),
});

export type PackManifest = Readonly<z.infer<typeof MANIFEST>>;

export const MANIFEST_NAME = 'pack.json';
export const IMAGES_NAME = 'images.tar';
const MANIFEST_LIMIT_BYTES = 16 * 1024 * 1024;
/** Images are compressed layers in a tar of their own: more effort than this wins nothing. */
const GZIP_LEVEL = 1;

export type PackEntry =
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly file: string };

/** Writes a pack, readable by its owner only: written beside and renamed, so that a half one never has the name. */
export async function writePackArchive(
  file: string,
  entries: readonly PackEntry[],
  options: { readonly onBytes: (bytes: number) => void; readonly signal: AbortSignal },
): Promise<number> {
  const unfinished = `${file}.part`;
  await mkdir(path.dirname(file), { recursive: true });
  const tar = pack();
  const gzip = createGzip({ level: GZIP_LEVEL });
  const output = createWriteStream(unfinished, { mode: 0o600 });
  const written = pipeline(tar, gzip, output, { signal: options.signal });
  written.catch(() => undefined);
  try {
    for (const entry of entries) await addEntry(tar, entry, options);
    tar.finalize();
    await written;
    await rename(unfinished, file);
  } catch (thrown) {
    tar.destroy();
    await written.catch(() => undefined);
    await rm(unfinished, { force: true });
    throw thrown;
  }
  return (await stat(file)).size;
}

async function addEntry(
  tar: ReturnType<typeof pack>,
  entry: PackEntry,
  { onBytes, signal }: { readonly onBytes: (bytes: number) => void; readonly signal: AbortSignal },
): Promise<void> {
  if ('text' in entry) {
    const bytes = Buffer.from(entry.text);
    await pipeline([bytes], tar.entry({ name: entry.name, size: bytes.length }), { signal });
    return;
  }
  const { size } = await stat(entry.file);
  const source = createReadStream(entry.file);
  source.on('data', (chunk) => onBytes(chunk.length));
  await pipeline(source, tar.entry({ name: entry.name, size }), { signal });
}

/** What a reader does with each file of a pack, in the order of the file; the manifest comes first, by itself. */
export interface PackReader {
  readonly manifest: (manifest: PackManifest) => Promise<void>;
  /** `name` is relative, has no `..` and names a regular file. The stream has to be read to its end. */
  readonly entry: (name: string, content: Readable) => Promise<void>;
}

/** Reads a pack from its beginning to its end. Rejects with `input.invalid` for anything that is none. */
export async function readPackArchive(file: string, reader: PackReader, signal?: AbortSignal): Promise<void> {
  const tar = extract();
  const fed = pipeline(createReadStream(file), createGunzip({ finishFlush: constants.Z_FINISH }), tar, {
    ...(signal === undefined ? {} : { signal }),
  });
  fed.catch(() => tar.destroy());
  try {
    await readEntries(file, tar, reader);
    await fed;
  } catch (thrown) {
    tar.destroy();
    const cause = await fed.then(
      () => thrown,
      (reason: unknown) => reason,
    );
    if (thrown instanceof AppFailure) throw thrown;
    if (signal?.aborted) throw signal.reason;
    throw (cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
      ? notThere(file, cause)
      : notOurs(file, cause);
  }
}

async function readEntries(file: string, tar: ReturnType<typeof extract>, reader: PackReader): Promise<void> {
  let isFirst = true;
  for await (const entry of tar) {
    const { name, type, size = 0 } = entry.header;
    if (isFirst) {
      if (name !== MANIFEST_NAME || size > MANIFEST_LIMIT_BYTES) throw notOurs(file);
      await reader.manifest(parseManifest(await textOf(entry), file));
      isFirst = false;
      continue;
    }
    if (type !== 'file' || !isInside(name)) throw notOurs(file);
    await reader.entry(name, entry as unknown as Readable);
  }
  if (isFirst) throw notOurs(file);
}

/** A file that somebody sent must not write outside its folder, nor into what Slipway or git believe. */
function isInside(name: string): boolean {
  const parts = name.split('/');
  return (
    !name.includes('\\') &&
    !name.includes('\0') &&
    !path.isAbsolute(name) &&
    parts.every((part) => part !== '' && part !== '.' && part !== '..' && part !== '.git')
  );
}

function parseManifest(text: string, file: string): PackManifest {
  try {
    return MANIFEST.parse(JSON.parse(text));
  } catch (thrown) {
    throw notOurs(file, thrown);
  }
}

async function textOf(entry: AsyncIterable<unknown>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of entry) pieces.push(piece as Uint8Array);
  return Buffer.concat(pieces).toString('utf8');
}

function notThere(file: string, cause: unknown): AppFailure {
  return new AppFailure(
    { kind: 'path.missing', path: file, message: `There is no file ${file}.` },
    { cause },
  );
}

function notOurs(file: string, cause?: unknown): AppFailure {
  return new AppFailure(
    { kind: 'input.invalid', field: 'file', message: `${file} is no whole pack that this Slipway can read.` },
    { cause },
  );
}
