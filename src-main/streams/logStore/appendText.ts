import { MAX_PIECE_BYTES } from './blockBuilder.ts';
import type { ContainerEntry } from './containerEntry.ts';
import type { Lane } from './lane.ts';
import { FLAG_MORE, FLAG_PIECE, kindOf } from './rows.ts';

/** One line, or (`more`) a part of one. */
export interface LineText {
  /** Kind, level, continuation: see rows.ts. */
  readonly meta: number;
  readonly secs: number;
  readonly nanos: number;
  readonly source: Buffer;
  readonly start: number;
  readonly end: number;
  readonly more: boolean;
}

/** Appends a line of any length, in pieces where it is long or comes in parts. */
export function appendText(lane: Lane, entry: ContainerEntry, line: LineText): void {
  const { meta, secs, nanos, source, end } = line;
  const kind = kindOf(meta);
  const flagsNow = () => (entry.isOpen(kind) ? FLAG_PIECE : 0);
  let start = line.start;
  while (end - start > MAX_PIECE_BYTES) {
    lane.append(entry, meta | FLAG_MORE | flagsNow(), secs, nanos, source, start, start + MAX_PIECE_BYTES);
    start += MAX_PIECE_BYTES;
  }
  lane.append(entry, meta | (line.more ? FLAG_MORE : 0) | flagsNow(), secs, nanos, source, start, end);
}
