import type { LineFilter } from './lineFilter.ts';
import { BackCursor, loadAll, pickLatest } from './logStore/backCursor.ts';
import { rowMeta } from './logStore/block.ts';
import { compareInstants, type Instant } from './logStore/instant.ts';
import type { Lane } from './logStore/lane.ts';
import type { CursorStart } from './logStore/laneCursor.ts';
import type { LinePosition } from './logStore/lineId.ts';
import { rowText } from './logStore/wholeLine.ts';

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
  let left = lines;
  let sliceEnd = performance.now() + SLICE_MS;
  for (;;) {
    const cursor = pickLatest(cursors);
    if (cursor?.block === undefined) {
      if (await loadAll(cursors)) continue;
      return since;
    }
    const position = cursor.position;
    if (since !== undefined && compareInstants(position, since) < 0) return since;
    if (cursor.row === cursor.block.rows - 1 && !filter.mayPassBlock(cursor.block)) cursor.skipBlock();
    else if (isWanted(cursor, filter, until) && --left === 0) return position;
    else cursor.retreat();
    if (performance.now() < sliceEnd) continue;
    await new Promise(setImmediate);
    sliceEnd = performance.now() + SLICE_MS;
  }
}

function isWanted(cursor: BackCursor, filter: LineFilter, until: Instant | undefined): boolean {
  if (cursor.block === undefined) return false;
  if (until !== undefined && compareInstants(cursor.position, until) > 0) return false;
  return (
    filter.isEmpty || filter.passes(cursor.lane.source, rowMeta(cursor.block, cursor.row), rowText(cursor))
  );
}
