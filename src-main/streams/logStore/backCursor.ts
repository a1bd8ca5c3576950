import { type Block, keyNanos, keySecs, rowMeta } from './block.ts';
import { compareInstants } from './instant.ts';
import type { Lane } from './lane.ts';
import type { LoadedBlock } from './laneCursor.ts';
import { comparePositions, type LinePosition } from './lineId.ts';
import { FLAG_PIECE, KIND_CONTAINER, KIND_MASK } from './rows.ts';
import { type Page, readBlocks, type Segment } from './segment.ts';

/** Reads a lane backward, from its end or from before a place, line by line. */
export class BackCursor {
  readonly lane: Lane;
  block: Block | undefined;
  row = 0;
  /** Nothing is left before this. */
  atBeginning = false;
  #segment: number;
  #page: number;
  #blocks: LoadedBlock[] = [];
  readonly #before: LinePosition | undefined;

  constructor(lane: Lane, before?: LinePosition) {
    this.lane = lane;
    this.#before = before;
    this.#segment = Number.POSITIVE_INFINITY;
    this.#page = Number.POSITIVE_INFINITY;
  }

  get ready(): boolean {
    return this.block !== undefined;
  }

  get position(): LinePosition {
    const { block, row } = this;
    if (block === undefined) return { secs: 0, nanos: 0, block: 0, row: 0 };
    return { secs: keySecs(block, row), nanos: keyNanos(block, row), block: block.sequence, row };
  }

  retreat(): void {
    this.row--;
    this.#settle();
  }

  /** Goes on to the block before this one. */
  skipBlock(): void {
    this.row = -1;
    this.#settle();
  }

  /** Fetches until there is a row; leaves the cursor not ready at the beginning of the lane. */
  async load(): Promise<void> {
    while (this.block === undefined) {
      const place = this.#previousPage();
      if (place === undefined) {
        this.atBeginning = true;
        return;
      }
      this.#blocks = await readPage(place.segment, place.page);
      this.#enterPrevious();
      this.#settle();
    }
  }

  #previousPage(): { readonly segment: Segment; readonly page: number } | undefined {
    for (const segment of this.lane.segments.toReversed()) {
      if (segment.number > this.#segment) continue;
      const from = segment.number === this.#segment ? this.#page : segment.pages.length;
      this.#segment = segment.number;
      this.#page = Math.min(from, segment.pages.length) - 1;
      while (this.#page >= 0 && this.#isBehind(segment.pages[this.#page])) this.#page--;
      if (this.#page >= 0) return { segment, page: this.#page };
    }
    this.#segment = 0;
    return undefined;
  }

  /** Does a page lie wholly behind the place that the cursor begins before? Then nobody has to read it. */
  #isBehind(page: Page | undefined): boolean {
    return page !== undefined && this.#before !== undefined && compareInstants(page.first, this.#before) > 0;
  }

  #enterPrevious(): void {
    this.block = this.#blocks.pop()?.block;
    this.row = (this.block?.rows ?? 0) - 1;
  }

  #settle(): void {
    for (; this.block !== undefined; this.row--) {
      if (this.row < 0) {
        this.#enterPrevious();
        this.row++;
        continue;
      }
      const meta = rowMeta(this.block, this.row);
      if ((meta & FLAG_PIECE) !== 0 || (meta & KIND_MASK) === KIND_CONTAINER) continue;
      if (this.#before === undefined || comparePositions(this.position, this.#before) < 0) return;
    }
  }
}

/** A page as it is now; its end may still be in memory, so that it takes more than one read. */
async function readPage(segment: Segment, index: number): Promise<LoadedBlock[]> {
  const page = segment.pages[index];
  if (page === undefined) return [];
  const end = page.offset + page.bytes;
  const blocks: LoadedBlock[] = [];
  for (let offset = page.offset; offset < end; ) {
    const loaded = readBlocks(await segment.read(offset));
    const tail = loaded.at(-1);
    if (tail === undefined) break;
    for (const { offset: at, block } of loaded) blocks.push({ offset: offset + at, block });
    offset += tail.offset + tail.block.totalBytes;
  }
  return blocks;
}

/** The latest of several cursors; undefined when one must be loaded first (`loadAll`), or all are at their beginning. */
export function pickLatest(cursors: readonly BackCursor[]): BackCursor | undefined {
  let best: BackCursor | undefined;
  for (const cursor of cursors) {
    if (!cursor.ready && !cursor.atBeginning) return undefined;
    if (!cursor.ready) continue;
    if (best === undefined || comparePositions(cursor.position, best.position) > 0) best = cursor;
  }
  return best;
}

/** Fetches what `pickLatest` lacks. False when all are at their beginning. */
export async function loadAll(cursors: readonly BackCursor[]): Promise<boolean> {
  for (const cursor of cursors) if (!cursor.ready && !cursor.atBeginning) await cursor.load();
  return cursors.some((cursor) => cursor.ready);
}
