import { rowEnd, rowMeta, rowStart } from './block.ts';
import type { LaneCursor } from './laneCursor.ts';
import { CONTAINER_SHIFT, FLAG_MORE, FLAG_PIECE, kindOf } from './rows.ts';

/** A line put together from its pieces. */
export interface WholeLine {
  readonly bytes: Buffer;
  /** `open`: its end is not stored yet. `cut`: longer than was asked for. */
  readonly type: 'whole' | 'open' | 'cut';
}

/** The text of the row under the cursor, without its line feed: the line, or its first piece. */
export function rowText(cursor: { readonly block: LaneCursor['block']; readonly row: number }): Buffer {
  const { block, row } = cursor;
  if (block === undefined) return Buffer.alloc(0);
  const end = rowEnd(block, row) - ((rowMeta(block, row) & FLAG_MORE) === 0 ? 1 : 0);
  return block.text.subarray(rowStart(block, row), end);
}

/** Follows a line from its first piece through the lane; pieces of another stream may lie in between. */
export async function wholeLine(start: LaneCursor, limitBytes: number): Promise<WholeLine> {
  const cursor = start.clone();
  const parts = [rowText(cursor)];
  let size = parts[0]?.length ?? 0;
  if (cursor.block === undefined) return { bytes: Buffer.alloc(0), type: 'open' };
  const head = rowMeta(cursor.block, cursor.row);
  let meta = head;
  while ((meta & FLAG_MORE) !== 0) {
    if (size > limitBytes) return { bytes: Buffer.concat(parts, limitBytes), type: 'cut' };
    cursor.step();
    if (!cursor.ready) await cursor.load({ raw: true });
    if (cursor.block === undefined) return { bytes: Buffer.concat(parts), type: 'open' };
    const here = rowMeta(cursor.block, cursor.row);
    if (!isSameSource(here, head)) continue;
    if ((here & FLAG_PIECE) === 0) break; // the line's end was lost: a new one begins
    meta = here;
    parts.push(rowText(cursor));
    size += parts.at(-1)?.length ?? 0;
  }
  if (size > limitBytes) return { bytes: Buffer.concat(parts, limitBytes), type: 'cut' };
  return { bytes: Buffer.concat(parts), type: 'whole' };
}

function isSameSource(a: number, b: number): boolean {
  return kindOf(a) === kindOf(b) && a >>> CONTAINER_SHIFT === b >>> CONTAINER_SHIFT;
}
