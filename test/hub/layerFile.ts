import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Extract, extract, type Header, type Pack, pack } from 'tar-stream';
import { PACKAGE_LIST } from './debian.ts';

/** A compressed layer on disk. */
export interface LayerFile {
  readonly path: string;
  readonly digest: string;
  readonly size: number;
  /** The digest of the uncompressed archive, as the image configuration lists it. */
  readonly diffId: string;
}

/** What a root file system holds, for telling what another one has more: path → what the entry is. */
export type Contents = ReadonlyMap<string, string>;

export interface UnpackedLayer {
  readonly layer: LayerFile;
  readonly contents: Contents;
  /** File names of the packages, such as `postgresql-15_15.18-0+deb12u1_amd64.deb`. */
  readonly packages: readonly string[];
}

export interface LayerFilter {
  readonly below: Contents;
  readonly keeps: (path: string) => boolean;
}

/** Writes a root file system as a layer: what the filter keeps and the layer below does not have already. */
export async function writeLayer(
  source: Readable,
  target: string,
  filter: LayerFilter,
): Promise<UnpackedLayer> {
  const archive = pack();
  const written = writeCompressed(archive, target);
  const contents = new Map<string, string>();
  const packages: string[] = [];
  // A failure of either side must end both, or the other one waits forever.
  written.catch((thrown) => source.destroy(thrown instanceof Error ? thrown : new Error(String(thrown))));
  const unpacked = extract();
  source.pipe(unpacked);
  source.on('error', (thrown) => unpacked.destroy(thrown));
  try {
    for await (const entry of unpacked) {
      const path = entry.header.name.replace(/^\.?\/+/, '').replace(/\/$/, '');
      if (path === PACKAGE_LIST) packages.push(...(await textOf(entry)).split('\n'));
      else if (path !== '' && filter.keeps(path) && !contents.has(path)) {
        contents.set(path, kindOf(entry.header));
        if (filter.below.get(path) !== contents.get(path)) await copyEntry(entry, path, archive);
      }
      entry.resume();
    }
    archive.finalize();
  } catch (thrown) {
    archive.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)));
    throw thrown;
  }
  return {
    layer: { path: target, ...(await written) },
    contents,
    packages: packages.filter((name) => name.endsWith('.deb')).sort(),
  };
}

type Entry = Extract extends AsyncIterable<infer Item> ? Item : never;

async function copyEntry(entry: Entry, path: string, archive: Pack): Promise<void> {
  const header = { ...entry.header, name: path };
  // A hard link names its target by the archive's own path.
  if (header.type === 'link' && header.linkname) header.linkname = header.linkname.replace(/^\.?\/+/, '');
  if (header.type !== 'file' || header.size === 0) {
    archive.entry({ ...header, size: 0 }, '');
    return;
  }
  const sink = archive.entry(header);
  for await (const chunk of entry) {
    if (!sink.write(chunk)) await once(sink, 'drain');
  }
  sink.end(undefined);
}

function kindOf(header: Header): string {
  if (header.type === 'directory') return 'directory';
  return [
    header.type,
    header.size,
    header.mtime?.getTime(),
    header.mode,
    header.uid,
    header.linkname ?? '',
  ].join(' ');
}

async function textOf(entry: Entry): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString('utf8');
}

/** Fast rather than small: the layers travel over loopback. */
const COMPRESSION_LEVEL = 1;

/** Compresses an archive to a file and names it by its digests. */
export async function writeCompressed(archive: Pack, target: string): Promise<Omit<LayerFile, 'path'>> {
  const plain = createHash('sha256');
  const compressed = createHash('sha256');
  let size = 0;
  await pipeline(
    // A streamx stream, which Node's pipeline takes, though the types do not say so.
    archive as unknown as Readable,
    tap((chunk) => plain.update(chunk)),
    createGzip({ level: COMPRESSION_LEVEL }),
    tap((chunk) => {
      compressed.update(chunk);
      size += chunk.byteLength;
    }),
    createWriteStream(target),
  );
  return { digest: `sha256:${compressed.digest('hex')}`, diffId: `sha256:${plain.digest('hex')}`, size };
}

function tap(see: (chunk: Uint8Array) => void): Transform {
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      see(chunk);
      done(null, chunk);
    },
  });
}
