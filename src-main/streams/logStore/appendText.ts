import { MAX_PIECE_BYTES } from './blockBuilder.ts';
import type { ContainerEntry } from './containerEntry.ts';
import type { Instant } from './instant.ts';
import type { Lane } from './lane.ts';
import { FLAG_MORE, FLAG_PIECE, metaOf } from './rows.ts';

/** One line, or (`more`) a part of one. */
export interface LineText {
  readonly kind: number;
  readonly level: number;
  readonly at: Instant;
  readonly source: Buffer;
  readonly start: number;
  readonly end: number;
  readonly more: boolean;
}

/** Appends a line of any length, in pieces where it is long or comes in parts. */
export function appendText(lane: Lane, entry: ContainerEntry, line: LineText): void {
  const { kind, level, at, source, end } = line;
  let start = line.start;
  while (end - start > MAX_PIECE_BYTES) {
    const flags = FLAG_MORE | (entry.isOpen(kind) ? FLAG_PIECE : 0);
    lane.append(
      entry,
      metaOf(kind, level, flags, 0),
      at.secs,
      at.nanos,
      source,
      start,
      start + MAX_PIECE_BYTES,
    );
    start += MAX_PIECE_BYTES;
  }
  const flags = (line.more ? FLAG_MORE : 0) | (entry.isOpen(kind) ? FLAG_PIECE : 0);
  lane.append(entry, metaOf(kind, level, flags, 0), at.secs, at.nanos, source, start, end);
}
