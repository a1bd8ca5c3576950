import { LOG_LINE_KINDS, type LogLineKind } from '#contract/logBatch.ts';
import { LINE_ID_BYTES, type LinePosition, writeLineId } from './logStore/lineId.ts';

/** One message; the reader gets its next chance to draw after so much. */
export const MAX_BATCH_BYTES = 64 * 1024;

const HEADER_BYTES = 18;
const KIND_INDEX = new Map(LOG_LINE_KINDS.map((kind, index) => [kind, index]));

export interface WireLine {
  readonly position: LinePosition;
  readonly timeMs: number;
  readonly kind: LogLineKind;
  readonly level: number;
  readonly source: Uint8Array;
  readonly text: Uint8Array;
}

/** Collects lines in the layout of contract/logBatch.ts, without an object or a string per line. */
export class WireBatch {
  #bytes = Buffer.allocUnsafeSlow(MAX_BATCH_BYTES);
  #length = 0;
  #lines = 0;

  get lines(): number {
    return this.#lines;
  }

  get length(): number {
    return this.#length;
  }

  fits(line: WireLine): boolean {
    return this.#length + sizeOf(line) <= MAX_BATCH_BYTES;
  }

  /** Grows for a single line that is larger than a batch. */
  add(line: WireLine): void {
    const size = sizeOf(line);
    if (this.#length + size > this.#bytes.length) this.#grow(this.#length + size);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes.writeUInt32LE(line.text.length, at);
    bytes.writeDoubleLE(line.timeMs, at + 4);
    bytes[at + 12] = KIND_INDEX.get(line.kind) ?? 0;
    bytes[at + 13] = line.level;
    bytes.writeUInt16LE(line.source.length, at + 14);
    bytes.writeUInt16LE(LINE_ID_BYTES, at + 16);
    at += HEADER_BYTES;
    bytes.set(line.source, at);
    writeLineId(bytes, at + line.source.length, line.position);
    bytes.set(line.text, at + line.source.length + LINE_ID_BYTES);
    this.#length += size;
    this.#lines += 1;
  }

  /** The message so far, in memory of its own; the batch starts anew. */
  take(): Uint8Array {
    const taken = new Uint8Array(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    this.#lines = 0;
    return taken;
  }

  #grow(bytes: number): void {
    const grown = Buffer.allocUnsafeSlow(bytes);
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

function sizeOf(line: WireLine): number {
  return HEADER_BYTES + line.source.length + LINE_ID_BYTES + line.text.length;
}
