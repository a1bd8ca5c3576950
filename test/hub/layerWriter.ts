import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Extract, extract, type Header, type Pack, pack } from 'tar-stream';
import { SOURCE_DATE_EPOCH } from './debian.ts';

/** A compressed layer on disk. */
export interface LayerFile {
  readonly path: string;
  readonly digest: string;
  readonly size: number;
  /** The digest of the uncompressed archive, as the image configuration lists it. */
  readonly diffId: string;
}

export interface LayerRules {
  readonly keeps: (path: string) => boolean;
  /** Changes of files on their way: path → what becomes of the text. */
  readonly edits?: ReadonlyMap<string, (text: string) => string>;
  /** Sees the content of the files it names, whether they are kept or not. */
  readonly watch?: {
    readonly wants: (path: string) => boolean;
    readonly see: (path: string, content: Buffer) => void;
  };
}

type Entry = Extract extends AsyncIterable<infer Item> ? Item : never;

/** Folders that are links into /usr in every Debian of today, though older packages still ship files under them. */
const MERGED = /^(bin|sbin|lib|lib32|lib64|libx32)(\/|$)/;

/** Puts archives together into one layer. The first of several entries of one path wins. */
export class LayerWriter {
  readonly #rules: LayerRules;
  readonly #target: string;
  readonly #archive: Pack = pack();
  readonly #written: Promise<Omit<LayerFile, 'path'>>;
  readonly #seen = new Set<string>();

  constructor(target: string, rules: LayerRules) {
    this.#rules = rules;
    this.#target = target;
    this.#written = writeCompressed(this.#archive, target);
    this.#written.catch(() => {}); // whoever finishes the layer hears of it
  }

  /** Adds what the rules keep of a tar archive. */
  async addArchive(source: Readable): Promise<void> {
    const unpacked = extract();
    source.pipe(unpacked);
    source.on('error', (thrown) => unpacked.destroy(thrown));
    // A layer that cannot be written must not leave us waiting for room in it.
    this.#written.catch((thrown) =>
      source.destroy(thrown instanceof Error ? thrown : new Error(String(thrown))),
    );
    for await (const entry of unpacked) {
      await this.#addEntry(entry);
      entry.resume();
    }
  }

  addLink(path: string, to: string): void {
    if (!this.#isNew(path)) return;
    const mtime = new Date(SOURCE_DATE_EPOCH * 1000);
    this.#archive.entry({ name: path, type: 'symlink', linkname: to, mode: 0o777, mtime });
  }

  addFile(path: string, text: string): void {
    if (this.#isNew(path))
      this.#archive.entry({ name: path, mode: 0o644, mtime: new Date(SOURCE_DATE_EPOCH * 1000) }, text);
  }

  /** Completes the layer. */
  async finish(): Promise<LayerFile> {
    this.#archive.finalize();
    return { path: this.#target, ...(await this.#written) };
  }

  /** Gives up: ends the writing of a layer that will not be complete. */
  abandon(): void {
    this.#archive.destroy();
  }

  #isNew(path: string): boolean {
    if (this.#seen.has(path)) return false;
    this.#seen.add(path);
    return true;
  }

  async #addEntry(entry: Entry): Promise<void> {
    const path = placeOf(entry.header);
    const { keeps, edits, watch } = this.#rules;
    if (path === undefined) return;
    if (watch?.wants(path) === true && entry.header.type === 'file') {
      const content = await contentOf(entry);
      watch.see(path, content);
      if (keeps(path) && this.#isNew(path)) this.#archive.entry({ ...entry.header, name: path }, content);
      return;
    }
    if (!keeps(path) || !this.#isNew(path)) return;
    const edit = edits?.get(path);
    if (edit === undefined) await copyEntry(entry, path, this.#archive);
    else
      this.#archive.entry(
        { ...entry.header, size: undefined, name: path },
        edit((await contentOf(entry)).toString('utf8')),
      );
  }
}

/** Where an entry goes in an image with a merged /usr; undefined when there is nothing to put there. */
function placeOf(header: Header): string | undefined {
  const path = inside(header.name).replace(/\/$/, '');
  const isFolder = header.type === 'directory';
  if (path === '' || (isFolder && /^(bin|sbin|lib|lib32|lib64|libx32|var\/run|var\/lock)$/.test(path)))
    return undefined;
  if (path.startsWith('var/run/')) return path.slice('var/'.length);
  return MERGED.test(path) && path.includes('/') ? `usr/${path}` : path;
}

function inside(name: string): string {
  return name.replace(/^\.?\/+/, '');
}

async function copyEntry(entry: Entry, path: string, archive: Pack): Promise<void> {
  const header = { ...entry.header, name: path };
  if (header.type === 'link') {
    // A hard link names its target by the archive's own path.
    const target = inside(header.linkname);
    header.linkname = MERGED.test(target) ? `usr/${target}` : target;
  }
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

async function contentOf(entry: Entry): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** Fast rather than small: the layers travel over loopback. */
const COMPRESSION_LEVEL = 1;

async function writeCompressed(archive: Pack, target: string): Promise<Omit<LayerFile, 'path'>> {
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
