import type { LineFilter } from './lineFilter.ts';
import { BackCursor, loadAll, pickLatest } from './logStore/backCursor.ts';
import { rowMeta } from './logStore/block.ts';
import { compareInstants, type Instant } from './logStore/instant.ts';
import type { Lane } from './logStore/lane.ts';
import type { CursorStart } from './logStore/laneCursor.ts';
import type { LinePosition } from './logStore/lineId.ts';
import { rowText } from './logStore/wholeLine.ts';
import { Slice } from './slice.ts';

/** How long to work before others get their turn, in milliseconds. */
const SLICE_MS = 5;

export interface TailOptions {
  readonly lines: number;
  readonly since?: LinePosition | undefined;
  readonly until?: Instant | undefined;
  readonly filter: LineFilter;
}

/** Where to begin in each lane so that the last `lines` wanted lines of all of them come, none of them before `since`. */
export async function tailStarts(
  lanes: readonly Lane[],
  options: TailOptions,
): Promise<Map<Lane, CursorStart>> {
  const ends = new Map<Lane, CursorStart>(lanes.map((lane) => [lane, { type: 'end' }]));
  if (options.lines === 0) return ends;
  const from = await lastWanted(lanes, options);
  const start: CursorStart = from === undefined ? { type: 'first' } : { type: 'at', position: from };
  return new Map(lanes.map((lane) => [lane, start]));
}

/** The place of the wanted line that is so many from the end; undefined when there are not so many. */
async function lastWanted(
  lanes: readonly Lane[],
  { lines, since, until, filter }: TailOptions,
): Promise<LinePosition | undefined> {
  const cursors = lanes.map((lane) => new BackCursor(lane));
  const slice = new Slice(SLICE_MS);
  let left = lines;
  do {
    for (let cursor = pickLatest(cursors); cursor?.block !== undefined; cursor = pickLatest(cursors)) {
      if (since !== undefined && compareInstants(cursor.position, since) < 0) return since;
      if (isWanted(cursor, filter, until) && --left === 0) return cursor.position;
      retreat(cursor, filter);
      if (slice.isOver) await slice.next();
    }
  } while (await loadAll(cursors));
  return since;
}

/** Passes over a whole block where nothing in it can be wanted. */
function retreat(cursor: BackCursor, filter: LineFilter): void {
  const { block, row } = cursor;
  if (block !== undefined && row === block.rows - 1 && !filter.mayPassBlock(block)) cursor.skipBlock();
  else cursor.retreat();
}

function isWanted(cursor: BackCursor, filter: LineFilter, until: Instant | undefined): boolean {
  if (cursor.block === undefined) return false;
  if (until !== undefined && compareInstants(cursor.position, until) > 0) return false;
  return (
    filter.isEmpty || filter.passes(cursor.lane.source, rowMeta(cursor.block, cursor.row), rowText(cursor))
  );
}
