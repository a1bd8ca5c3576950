import { type FileHandle, mkdir, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppFailure } from '#contract/errors.ts';
import { type BlockHeader, isSound, keyNanos, keySecs, readBlock, readHeader } from './block.ts';
import type { Instant } from './instant.ts';
import { decodePages, encodePages } from './pageIndex.ts';

/** Blocks are found through pages: runs of neighbouring blocks of at least this many bytes. */
const PAGE_BYTES = 64 * 1024;

/** A run of blocks in a segment. */
export interface Page {
  readonly offset: number;
  bytes: number;
  readonly first: Instant;
  last: Instant;
  readonly firstSequence: number;
  lastSequence: number;
  rows: number;
  mask: number;
}

interface Pending {
  readonly offset: number;
  readonly bytes: Buffer;
}

/**
 * One append-only file of a lane. What has been appended can be read at once, from memory until it is on disk. Writing
 * happens behind; a failed write keeps what it had and is tried again with the next `flush`.
 */
export class Segment {
  readonly number: number;
  readonly path: string;
  readonly pages: Page[];
  #bytes: number;
  #written: number;
  #pending: Pending[] = [];
  #pendingBytes = 0;
  #handle: Promise<FileHandle> | undefined;
  #writing: Promise<void> | undefined;
  #removed = false;

  private constructor(number: number, path: string, pages: Page[], bytes: number) {
    this.number = number;
    this.path = path;
    this.pages = pages;
    this.#bytes = bytes;
    this.#written = bytes;
  }

  static create(number: number, path: string): Segment {
    return new Segment(number, path, [], 0);
  }

  /** Trusts a sound index file; else reads the whole file, cuts a torn end off (`repair`), and visits each block. */
  static async open(
    number: number,
    path: string,
    options: { readonly repair: boolean; readonly trustIndex: boolean },
  ): Promise<Segment> {
    const known = options.trustIndex ? await readIndex(path) : undefined;
    if (known !== undefined) return new Segment(number, path, known.pages, known.bytes);
    const { pages, bytes, total } = scan(await readFile(path));
    if (options.repair && bytes < total) await truncate(path, bytes);
    return new Segment(number, path, pages, bytes);
  }

  get bytes(): number {
    return this.#bytes;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  get rows(): number {
    return this.pages.reduce((sum, page) => sum + page.rows, 0);
  }

  get last(): Instant | undefined {
    return this.pages.at(-1)?.last;
  }

  get removed(): boolean {
    return this.#removed;
  }

  append(bytes: Buffer): void {
    const header = readHeader(bytes, 0);
    if (header === undefined)
      throw new AppFailure({ kind: 'internal', message: 'A log block is malformed.' });
    this.#pending.push({ offset: this.#bytes, bytes });
    this.#pendingBytes += bytes.length;
    addToPages(this.pages, bytes, 0, this.#bytes, header);
    this.#bytes += bytes.length;
  }

  /** Resolves when everything appended so far has been handed to the operating system; rejects when that failed. */
  async flush(): Promise<void> {
    while (this.#pending.length > 0 && !this.#removed) {
      this.#writing ??= this.#write()
        .catch(async (thrown) => {
          // A new try begins with a new handle: the file may have been moved, or its disk be another one.
          await this.close();
          throw thrown;
        })
        .finally(() => {
          this.#writing = undefined;
        });
      await this.#writing;
    }
  }

  /** Whole blocks from `offset` on: to the end of its page, or further until there are `wanted` bytes. Empty at the end. `scratch`: memory to use. */
  async read(offset: number, wanted = 0, scratch?: Buffer): Promise<Buffer> {
    if (this.#removed || offset >= this.#bytes) return Buffer.alloc(0);
    if (offset >= this.#written)
      return this.#pending.find((block) => block.offset === offset)?.bytes ?? Buffer.alloc(0);
    const end = Math.min(this.#written, this.#endOfRead(offset, wanted));
    const length = end - offset;
    const bytes =
      scratch !== undefined && scratch.length >= length
        ? scratch.subarray(0, length)
        : Buffer.allocUnsafeSlow(length);
    try {
      const { bytesRead } = await (await this.#open()).read(bytes, 0, bytes.length, offset);
      return bytes.subarray(0, bytesRead);
    } catch (thrown) {
      if (this.#removed) return Buffer.alloc(0);
      throw thrown;
    }
  }

  /** The page that holds `offset`; the last one for the end of the segment. */
  pageIndexAt(offset: number): number {
    let low = 0;
    let high = this.pages.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.pages[middle]?.offset ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** For a reader in a second process: takes in what the writer has added since. */
  async refresh(): Promise<boolean> {
    const handle = await this.#open();
    const { size } = await handle.stat();
    const from = this.#bytes;
    if (size <= from) return false;
    const added = Buffer.allocUnsafeSlow(size - from);
    const { bytesRead } = await handle.read(added, 0, added.length, from);
    const taken = visit(added.subarray(0, bytesRead), (header, at) =>
      addToPages(this.pages, added, at, from + at, header),
    );
    this.#bytes = from + taken;
    this.#written = this.#bytes;
    return taken > 0;
  }

  /** For a reader that becomes the writer: takes in the rest, and cuts off what was left half written. */
  async adopt(): Promise<void> {
    await this.refresh();
    const { size } = await (await this.#open()).stat();
    if (size > this.#bytes) await truncate(this.path, this.#bytes);
  }

  /** Nothing more will be appended: writes the index beside the file. */
  async seal(): Promise<void> {
    await this.flush();
    await writeFile(indexPath(this.path), encodePages({ pages: this.pages, bytes: this.#bytes }));
  }

  async close(): Promise<void> {
    const handle = await this.#handle?.catch(() => undefined);
    this.#handle = undefined;
    await handle?.close();
  }

  async remove(): Promise<void> {
    this.#removed = true;
    this.#pending = [];
    this.#pendingBytes = 0;
    await this.#writing?.catch(() => undefined);
    await this.close();
    await rm(this.path, { force: true });
    await rm(indexPath(this.path), { force: true });
  }

  async #write(): Promise<void> {
    const taken = [...this.#pending];
    const size = taken.reduce((sum, block) => sum + block.bytes.length, 0);
    const handle = await this.#open();
    const { bytesWritten } = await handle.writev(
      taken.map((block) => block.bytes),
      this.#written,
    );
    // What was written in part is written again, at the same place, by the next turn.
    if (bytesWritten < size || this.#removed) return;
    this.#pending.splice(0, taken.length);
    this.#pendingBytes -= size;
    this.#written += size;
  }

  #endOfRead(offset: number, wanted: number): number {
    let index = this.pageIndexAt(offset);
    const endOf = (page: Page | undefined) => (page === undefined ? this.#bytes : page.offset + page.bytes);
    while (endOf(this.pages[index]) - offset < wanted && index + 1 < this.pages.length) index++;
    return endOf(this.pages[index]);
  }

  #open(): Promise<FileHandle> {
    this.#handle ??= openForAppending(this.path).catch((thrown) => {
      this.#handle = undefined;
      throw thrown;
    });
    return this.#handle;
  }
}

/** Where reading may begin: the words of a table must lie on multiples of four. */
export function readBlocks(
  bytes: Buffer,
): { readonly offset: number; readonly block: NonNullable<ReturnType<typeof readBlock>> }[] {
  const blocks = [];
  let at = 0;
  for (;;) {
    const block = readBlock(bytes, at);
    if (block === undefined) return blocks;
    blocks.push({ offset: at, block });
    at += block.totalBytes;
  }
}

function addToPages(pages: Page[], bytes: Buffer, at: number, offset: number, header: BlockHeader): void {
  const current = pages.at(-1);
  if (current !== undefined && current.bytes < PAGE_BYTES) {
    current.bytes += header.totalBytes;
    current.last = header.last;
    current.lastSequence = header.sequence;
    current.rows += header.rows;
    current.mask |= header.mask;
    return;
  }
  const block = readBlock(bytes, at);
  const first = block === undefined ? header.floor : { secs: keySecs(block, 0), nanos: keyNanos(block, 0) };
  pages.push({
    offset,
    bytes: header.totalBytes,
    first,
    last: header.last,
    firstSequence: header.sequence,
    lastSequence: header.sequence,
    rows: header.rows,
    mask: header.mask,
  });
}

/** Calls for every sound block in order; returns where the first unsound one, or the end, is. */
function visit(bytes: Buffer, onBlock: (header: BlockHeader, at: number) => void): number {
  let at = 0;
  for (;;) {
    const header = readHeader(bytes, at);
    if (header === undefined || !isSound(bytes, at, header)) return at;
    onBlock(header, at);
    at += header.totalBytes;
  }
}

function scan(file: Buffer): { pages: Page[]; bytes: number; total: number } {
  // A small file comes out of Node's pool, at any offset: tables need multiples of four.
  const bytes = file.byteOffset % 4 === 0 ? file : Buffer.from(new Uint8Array(file).buffer);
  const pages: Page[] = [];
  const end = visit(bytes, (header, at) => addToPages(pages, bytes, at, at, header));
  return { pages, bytes: end, total: bytes.length };
}

function indexPath(segmentPath: string): string {
  return segmentPath.replace(/\.seg$/, '.idx');
}

async function readIndex(segmentPath: string): Promise<{ pages: Page[]; bytes: number } | undefined> {
  try {
    return decodePages(await readFile(indexPath(segmentPath)));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined; // killed before it was written
    throw thrown;
  }
}

/** Not with 'a': on Linux, appending files ignore the position that a retried write depends on. */
async function openForAppending(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
    // The first segment of a lane makes its folder: here, where a full disk is a write that is tried again.
    await mkdir(dirname(path), { recursive: true });
    return open(path, 'w+');
  }
}
