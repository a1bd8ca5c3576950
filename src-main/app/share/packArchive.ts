import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Pack } from 'tar-stream';
import { z } from 'zod';
import { AppFailure } from '#contract/errors.ts';
import { entryText, readTarFile, type TarFileEntry, writeTarFile } from '#disk/tarFile.ts';

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
const WHOLE = 'a whole pack that this Slipway can read';

export type PackEntry =
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly file: string };

/** Writes a pack and returns its size in bytes. `onBytes`: of the files that went in. */
export async function writePackArchive(
  file: string,
  entries: readonly PackEntry[],
  options: { readonly onBytes: (bytes: number) => void; readonly signal: AbortSignal },
): Promise<number> {
  const fill = async (tar: Pack) => {
    for (const entry of entries) await addEntry(tar, entry, options);
  };
  return writeTarFile(file, fill, { gzip: true, signal: options.signal });
}

async function addEntry(
  tar: Pack,
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
  let isFirst = true;
  const take = async (entry: TarFileEntry) => {
    if (isFirst) {
      if (entry.name !== MANIFEST_NAME) throw notOurs(file);
      await reader.manifest(parseManifest(await entryText(entry, MANIFEST_LIMIT_BYTES), file));
      isFirst = false;
      return;
    }
    if (!entry.isFile || !isInside(entry.name)) throw notOurs(file);
    await reader.entry(entry.name, entry.content);
  };
  await readTarFile(file, WHOLE, take, { gzip: true, signal });
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

function notOurs(file: string, cause?: unknown): AppFailure {
  return new AppFailure(
    { kind: 'input.invalid', field: 'file', message: `${file} is not ${WHOLE}.` },
    { cause },
  );
}
