import { LineFilter, type LogQuery, spanEnd, spanStart, type TimeSpan } from './lineFilter.ts';
import { rowMeta } from './logStore/block.ts';
import { compareInstants, type Instant } from './logStore/instant.ts';
import type { LaneCursor } from './logStore/laneCursor.ts';
import type { LogStore } from './logStore/logStore.ts';
import { MergedReader } from './logStore/mergedReader.ts';
import { CONTAINER_SHIFT, FLAG_MORE, KIND_MARKER, KIND_MASK, ROW_WORDS } from './logStore/rows.ts';
import { rowText, wholeLine } from './logStore/wholeLine.ts';
import { markerText } from './markers.ts';
import { Slice } from './slice.ts';

/** A longer line is cut there: an export is made of lines that a tool can hold. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const SLICE_MS = 5;

export interface StoredQuery extends LogQuery, TimeSpan {
  /** Empty: all. */
  readonly services: readonly string[];
}

/** A stored line. `text` is valid until the next one is asked for. */
export interface StoredRow {
  /** When it was written, by the engine's word. */
  readonly at: Instant;
  readonly source: string;
  readonly service: string;
  readonly number: number;
  /** The container that wrote it, where the store still knows. */
  readonly containerId: string | undefined;
  /** See logStore/rows.ts. */
  readonly meta: number;
  readonly text: Buffer;
}

/** Every stored line that the query lets through, in the order of time, up to what is stored now. */
export async function* storedLines(
  store: LogStore,
  query: StoredQuery,
  options: { readonly isNew?: ((line: Buffer) => boolean) | undefined } = {},
): AsyncGenerator<StoredRow, void, void> {
  const { services } = query;
  const lanes = store.lanes.filter(
    ({ key }) => services.length === 0 || key.service === '' || services.includes(key.service),
  );
  const filter = new LineFilter(query, options.isNew);
  const since = spanStart(query);
  const until = spanEnd(query);
  for (const lane of lanes) lane.seal();
  const reader = new MergedReader(lanes, () =>
    since === undefined ? { type: 'first' } : { type: 'at', position: { ...since, block: 0, row: 0 } },
  );
  const slice = new Slice(SLICE_MS);
  for (let cursor = await nextCursor(reader); cursor !== undefined; cursor = await nextCursor(reader)) {
    if (until !== undefined && compareInstants(cursor, until) > 0) return;
    const row = await rowOf(cursor, filter);
    if (row !== undefined) yield row;
    if (row === undefined && cursor.row === 0 && isBarren(cursor, filter)) cursor.skipBlock();
    else cursor.advance();
    if (slice.isOver) await slice.next();
  }
}

/** On the earliest line that is left; undefined at the end. */
async function nextCursor(reader: MergedReader): Promise<LaneCursor | undefined> {
  for (;;) {
    const cursor = reader.pick();
    if (cursor !== undefined || !(await reader.load())) return cursor;
  }
}

function isBarren(cursor: LaneCursor, filter: LineFilter): boolean {
  return cursor.block !== undefined && !filter.mayPassBlock(cursor.block);
}

async function rowOf(cursor: LaneCursor, filter: LineFilter): Promise<StoredRow | undefined> {
  const { block, row, lane } = cursor;
  if (block === undefined) return undefined;
  const meta = rowMeta(block, row);
  const isLong = (meta & FLAG_MORE) !== 0;
  const text = isLong ? (await wholeLine(cursor, MAX_LINE_BYTES)).bytes : rowText(cursor);
  if (!filter.passes(lane.source, meta, text)) return undefined;
  const at = { secs: block.table[row * ROW_WORDS + 1] ?? 0, nanos: block.table[row * ROW_WORDS + 2] ?? 0 };
  return {
    at,
    source: lane.source,
    service: lane.key.service,
    number: lane.key.number,
    containerId: lane.containerId(meta >>> CONTAINER_SHIFT),
    meta,
    text: (meta & KIND_MASK) === KIND_MARKER ? markerText(text) : text,
  };
}
