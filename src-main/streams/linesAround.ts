import type { LogLevel, LogLineKind } from '#contract/logBatch.ts';
import { LineFilter, type LogQuery } from './lineFilter.ts';
import { BackCursor, loadAll, pickLatest } from './logStore/backCursor.ts';
import { type Block, rowMeta } from './logStore/block.ts';
import { toMs } from './logStore/instant.ts';
import { LaneCursor } from './logStore/laneCursor.ts';
import { formatLineId, type LinePosition } from './logStore/lineId.ts';
import type { LogStore } from './logStore/logStore.ts';
import { MergedReader } from './logStore/mergedReader.ts';
import { FLAG_MORE, KIND_MARKER, KIND_MASK, kindName, levelName, ROW_WORDS } from './logStore/rows.ts';
import { rowText, wholeLine } from './logStore/wholeLine.ts';
import { markerText } from './markers.ts';
import { Slice } from './slice.ts';

/** Of a longer line only the beginning is given. */
const MAX_LINE_BYTES = 16 * 1024;
/** How long to work before others get their turn, in milliseconds. */
const SLICE_MS = 5;

/** A stored line as plain data. */
export interface PlainLine {
  /** As LogLine.id. */
  readonly id: string;
  readonly timeMs: number;
  readonly source: string;
  readonly kind: LogLineKind;
  readonly level: LogLevel;
  readonly text: string;
}

export interface AroundOptions {
  /** Empty: all. */
  readonly services: readonly string[];
  readonly position: LinePosition;
  /** How many lines before the place, and how many from it on, the line there among them. */
  readonly before: number;
  readonly after: number;
  /** Without one, lines of every kind come. */
  readonly filter?: LogQuery | undefined;
  readonly isNew?: ((line: Buffer) => boolean) | undefined;
}

/** What stands around a place, in the order of time. */
export async function linesAround(store: LogStore, options: AroundOptions): Promise<readonly PlainLine[]> {
  const { services } = options;
  const lanes = store.lanes.filter(
    ({ key }) => services.length === 0 || key.service === '' || services.includes(key.service),
  );
  for (const lane of lanes) lane.seal();
  const cursors = lanes.map((lane) => new BackCursor(lane, options.position));
  const before = await linesBefore(cursors, options.before, wantedLines(options));
  const reader = new MergedReader(lanes, () => ({ type: 'at', position: options.position }));
  return [...before, ...(await linesFrom(reader, options.after, wantedLines(options)))];
}

/** Is the line under a cursor wanted? One for each direction: it remembers heads of stack traces. */
type IsWanted = (cursor: LaneCursor | BackCursor) => boolean;

function wantedLines({ filter: query, isNew }: AroundOptions): IsWanted {
  const filter = new LineFilter(query ?? {}, isNew);
  return (cursor) =>
    filter.isEmpty ||
    (cursor.block !== undefined &&
      filter.passes(cursor.lane.source, rowMeta(cursor.block, cursor.row), rowText(cursor)));
}

async function linesBefore(
  cursors: readonly BackCursor[],
  wanted: number,
  isWanted: IsWanted,
): Promise<PlainLine[]> {
  const lines: PlainLine[] = [];
  const slice = new Slice(SLICE_MS);
  while (lines.length < wanted) {
    if (slice.isOver) await slice.next();
    const cursor = pickLatest(cursors);
    if (cursor === undefined) {
      if (await loadAll(cursors)) continue;
      break;
    }
    if (!isWanted(cursor)) {
      cursor.retreat();
      continue;
    }
    const forward = isLong(cursor.block, cursor.row)
      ? new LaneCursor(cursor.lane, { type: 'at', position: cursor.position })
      : undefined;
    await forward?.load();
    lines.push(await plainLine(forward ?? cursor));
    cursor.retreat();
  }
  return lines.reverse();
}

async function linesFrom(reader: MergedReader, wanted: number, isWanted: IsWanted): Promise<PlainLine[]> {
  const lines: PlainLine[] = [];
  const slice = new Slice(SLICE_MS);
  while (lines.length < wanted) {
    if (slice.isOver) await slice.next();
    const cursor = reader.pick();
    if (cursor === undefined) {
      if (await reader.load()) continue;
      break;
    }
    if (isWanted(cursor)) lines.push(await plainLine(cursor));
    cursor.advance();
  }
  return lines;
}

function isLong(block: Block | undefined, row: number): boolean {
  return block !== undefined && (rowMeta(block, row) & FLAG_MORE) !== 0;
}

async function plainLine(cursor: LaneCursor | BackCursor): Promise<PlainLine> {
  const { block, row, lane, position } = cursor;
  const meta = block === undefined ? KIND_MARKER : rowMeta(block, row);
  const time = {
    secs: block?.table[row * ROW_WORDS + 1] ?? 0,
    nanos: block?.table[row * ROW_WORDS + 2] ?? 0,
  };
  const long = cursor instanceof LaneCursor && isLong(block, row);
  const whole = long ? await wholeLine(cursor, MAX_LINE_BYTES) : undefined;
  const bytes = whole?.bytes ?? rowText(cursor);
  const text = (meta & KIND_MASK) === KIND_MARKER ? markerText(bytes) : bytes;
  return {
    id: formatLineId(position),
    timeMs: toMs(time),
    source: lane.source,
    kind: whole !== undefined && whole.type !== 'whole' ? 'folded' : kindName(meta),
    level: levelName(meta),
    text: text.toString('utf8', 0, MAX_LINE_BYTES),
  };
}
