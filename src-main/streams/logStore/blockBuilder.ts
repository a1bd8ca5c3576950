import { type BlockParts, MAX_ROWS, maskOf } from './block.ts';
import type { Instant } from './instant.ts';
import { FLAG_MORE, ROW_WORDS } from './rows.ts';

/** A full block: large enough that its header is nothing, small enough that reading one is quick. */
export const BLOCK_TEXT_BYTES = 64 * 1024;
/** One row's text; a longer line is stored in pieces. Not more than BLOCK_TEXT_BYTES. */
export const MAX_PIECE_BYTES = 32 * 1024;

const FIRST_TEXT_BYTES = 4096;
const FIRST_ROWS = 64;
const LINE_FEED = 10;

/** Collects rows until there are enough for a block. Its memory is reused from block to block. */
export class BlockBuilder {
  #text = Buffer.allocUnsafeSlow(FIRST_TEXT_BYTES);
  #table = new Uint32Array(FIRST_ROWS * ROW_WORDS);
  #textBytes = 0;
  #rows = 0;
  #mask = 0;
  #floor: Instant;
  #lastSecs: number;
  #lastNanos: number;

  constructor(floor: Instant) {
    this.#floor = floor;
    this.#lastSecs = floor.secs;
    this.#lastNanos = floor.nanos;
  }

  get rows(): number {
    return this.#rows;
  }

  get isFull(): boolean {
    return this.#textBytes >= BLOCK_TEXT_BYTES || this.#rows >= MAX_ROWS;
  }

  /** Copies the text of one row; at most MAX_PIECE_BYTES of it. */
  append(meta: number, secs: number, nanos: number, source: Buffer, start: number, end: number): void {
    const length = end - start;
    if (this.#textBytes + length + 1 > this.#text.length) this.#growText(this.#textBytes + length + 1);
    if ((this.#rows + 1) * ROW_WORDS > this.#table.length) this.#growTable();
    if (length > 0) source.copy(this.#text, this.#textBytes, start, end);
    this.#textBytes += length;
    if ((meta & FLAG_MORE) === 0) this.#text[this.#textBytes++] = LINE_FEED;
    const at = this.#rows * ROW_WORDS;
    this.#table[at] = this.#textBytes;
    this.#table[at + 1] = secs;
    this.#table[at + 2] = nanos;
    this.#table[at + 3] = meta;
    this.#rows++;
    this.#mask |= maskOf(meta);
    if (secs > this.#lastSecs || (secs === this.#lastSecs && nanos > this.#lastNanos)) {
      this.#lastSecs = secs;
      this.#lastNanos = nanos;
    }
  }

  /** What has been collected; valid until the next `append`. The builder starts anew. */
  take(sequence: number): BlockParts {
    const last = { secs: this.#lastSecs, nanos: this.#lastNanos };
    const parts = {
      table: this.#table,
      rows: this.#rows,
      text: this.#text,
      textBytes: this.#textBytes,
      sequence,
      floor: this.#floor,
      last,
      mask: this.#mask,
    };
    this.#floor = last;
    this.#textBytes = 0;
    this.#rows = 0;
    this.#mask = 0;
    return parts;
  }

  #growText(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#text.length * 2));
    this.#text.copy(grown, 0, 0, this.#textBytes);
    this.#text = grown;
  }

  #growTable(): void {
    const grown = new Uint32Array(this.#table.length * 2);
    grown.set(this.#table);
    this.#table = grown;
  }
}
