import { type Block, keyNanos, keySecs, rowMeta } from './block.ts';
import { compareInstants, type Instant } from './instant.ts';
import type { Lane } from './lane.ts';
import { comparePositions, type LinePosition } from './lineId.ts';
import { FLAG_PIECE, KIND_CONTAINER, KIND_MASK } from './rows.ts';
import { readBlocks, type Segment } from './segment.ts';

export interface LoadedBlock {
  readonly offset: number;
  readonly block: Block;
}

/** Where to begin in a lane: with its first line, behind its last, or with the first line at (or only behind) a place. */
export type CursorStart =
  | { readonly type: 'first' }
  | { readonly type: 'end' }
  | { readonly type: 'at'; readonly position: LinePosition }
  | { readonly type: 'after'; readonly position: LinePosition };

/**
 * Reads a lane forward, line by line: `load` fetches, everything else is synchronous. Rows that are no line of their own
 * (pieces, the store's own records) are passed over.
 */
export class LaneCursor {
  readonly lane: Lane;
  /** Valid while `ready`. */
  block: Block | undefined;
  row = 0;
  /** Segments that were evicted before this cursor came to them. */
  lost = 0;
  #segment = 0;
  #offset = 0;
  #blocks: readonly LoadedBlock[] = [];
  #next = 0;
  #from: { readonly position: LinePosition; readonly inclusive: boolean } | undefined;

  constructor(lane: Lane, start: CursorStart) {
    this.lane = lane;
    const segments = lane.segments;
    const first = segments[0]?.number ?? 1;
    switch (start.type) {
      case 'first':
        this.#segment = first;
        break;
      case 'end':
        this.#segment = segments.at(-1)?.number ?? 1;
        this.#offset = segments.at(-1)?.bytes ?? 0;
        break;
      case 'at':
      case 'after': {
        const place = seek(segments, start.position);
        this.#segment = place?.segment.number ?? segments.at(-1)?.number ?? 1;
        this.#offset = place?.offset ?? segments.at(-1)?.bytes ?? 0;
        this.#from = { position: start.position, inclusive: start.type === 'at' };
      }
    }
  }

  /** Is there a row under the cursor? */
  get ready(): boolean {
    return this.block !== undefined;
  }

  /** Not ready, but `load` would bring more. */
  get hasMore(): boolean {
    const segments = this.lane.segments;
    for (let index = segments.length - 1; index >= 0; index--) {
      const segment = segments[index];
      if (segment === undefined || segment.number < this.#segment) return false;
      if (segment.bytes > (segment.number === this.#segment ? this.#offset : 0)) return true;
    }
    return false;
  }

  get secs(): number {
    return this.block === undefined ? 0 : keySecs(this.block, this.row);
  }

  get nanos(): number {
    return this.block === undefined ? 0 : keyNanos(this.block, this.row);
  }

  get position(): LinePosition {
    return { secs: this.secs, nanos: this.nanos, block: this.block?.sequence ?? 0, row: this.row };
  }

  /** A second cursor on the same row, to look ahead with. */
  clone(): LaneCursor {
    const copy = new LaneCursor(this.lane, { type: 'first' });
    copy.#segment = this.#segment;
    copy.#offset = this.#offset;
    copy.#blocks = this.#blocks;
    copy.#next = this.#next;
    copy.block = this.block;
    copy.row = this.row;
    return copy;
  }

  advance(): void {
    this.row++;
    this.#settle();
  }

  /** One row on, whatever it is. For what must see pieces. */
  step(): void {
    this.row++;
    if (this.block !== undefined && this.row >= this.block.rows) this.#enterNext();
  }

  /** Goes on to the next block, as if the rest of this one were not there. */
  skipBlock(): void {
    if (this.block !== undefined) this.row = this.block.rows;
    this.#settle();
  }

  /** Fetches until there is a row, or nothing is left. */
  async load(options: { readonly raw: boolean } = { raw: false }): Promise<void> {
    while (this.block === undefined && this.hasMore) {
      const segment = this.#currentSegment();
      if (segment === undefined) return;
      const bytes = await segment.read(this.#offset);
      this.#blocks = readBlocks(bytes);
      const tail = this.#blocks.at(-1);
      if (tail === undefined) {
        if (segment !== this.#currentSegment()) continue; // evicted meanwhile
        this.#offset = segment.bytes; // what follows in this file is damaged
        continue;
      }
      this.#offset += tail.offset + tail.block.totalBytes;
      this.#next = 0;
      this.#enterNext();
      if (!options.raw) this.#settle();
    }
  }

  #currentSegment(): Segment | undefined {
    const segments = this.lane.segments;
    let segment = segments.find((candidate) => candidate.number >= this.#segment);
    if (segment === undefined) return undefined;
    if (segment.number > this.#segment) {
      if (this.#segment < (segments[0]?.number ?? 0)) this.lost++;
      this.#enterSegment(segment);
    }
    if (this.#offset >= segment.bytes) {
      const current = segment.number;
      segment = segments.find((candidate) => candidate.number > current);
      if (segment !== undefined) this.#enterSegment(segment);
    }
    return segment;
  }

  #enterSegment(segment: Segment): void {
    this.#segment = segment.number;
    this.#offset = 0;
  }

  #enterNext(): void {
    this.block = this.#blocks[this.#next++]?.block;
    this.row = 0;
  }

  #settle(): void {
    for (; this.block !== undefined; this.row++) {
      if (this.row >= this.block.rows) {
        this.#enterNext();
        this.row--;
        continue;
      }
      const meta = rowMeta(this.block, this.row);
      if ((meta & FLAG_PIECE) !== 0 || (meta & KIND_MASK) === KIND_CONTAINER) continue;
      if (this.#from === undefined || this.#isWanted(this.#from)) return;
    }
  }

  #isWanted({
    position,
    inclusive,
  }: {
    readonly position: LinePosition;
    readonly inclusive: boolean;
  }): boolean {
    const order = comparePositions(this.position, position);
    if (order < 0 || (order === 0 && !inclusive)) return false;
    this.#from = undefined; // everything from here on comes later
    return true;
  }
}

/** The first page that can hold the place or something behind it. */
export function seek(
  segments: readonly Segment[],
  position: Instant,
): { readonly segment: Segment; readonly offset: number } | undefined {
  for (const segment of segments) {
    if (segment.last === undefined || compareInstants(segment.last, position) < 0) continue;
    const page = segment.pages.find((candidate) => compareInstants(candidate.last, position) >= 0);
    if (page !== undefined) return { segment, offset: page.offset };
  }
  return undefined;
}
