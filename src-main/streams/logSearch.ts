import type { LogLevel, LogLineKind } from '#contract/logBatch.ts';
import { compareLaneSpans, createScratch, type LaneSpan, laneSpans, readSpan } from './laneSpans.ts';
import { LineFilter, type LogQuery, spanEnd, spanStart, type TimeSpan } from './lineFilter.ts';
import { type Block, keyNanos, keySecs, rowEnd, rowMeta, rowStart } from './logStore/block.ts';
import { compareInstants, toMs } from './logStore/instant.ts';
import type { Lane } from './logStore/lane.ts';
import { comparePositions, formatLineId, type LinePosition } from './logStore/lineId.ts';
import type { LogStore } from './logStore/logStore.ts';
import { FLAG_MORE, kindName, levelName, ROW_WORDS } from './logStore/rows.ts';
import { Slice } from './slice.ts';

/** What the list of matches shows of a line. */
const PREVIEW_BYTES = 500;
/** More are counted, not listed. */
export const MAX_HITS = 10_000;
/** The event loop waits no longer than this for a search, in milliseconds. */
const SLICE_MS = 5;

export interface LogSearch extends LogQuery, TimeSpan {
  /** Empty: all. */
  readonly services: readonly string[];
}

/** A line that matches. */
export interface LogHit {
  /** As LogLine.id. */
  readonly id: string;
  readonly timeMs: number;
  readonly source: string;
  readonly kind: LogLineKind;
  readonly level: LogLevel;
  /** At most PREVIEW_BYTES of the line, as text. */
  readonly preview: string;
}

export interface SearchProgress {
  /** All matches so far, also those that are not listed. */
  readonly count: number;
  readonly searchedBytes: number;
  readonly totalBytes: number;
}

export interface SearchOptions {
  readonly isNew?: ((line: Buffer) => boolean) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Hits in pieces, the newest parts of the store first, each piece from new to old. */
  readonly onHits?: ((hits: readonly LogHit[], progress: SearchProgress) => void) | undefined;
}

/** Searches everything stored, from new to old. Rejects with `input.invalid`; ends early, without failing, when aborted. */
export async function searchLogs(
  store: LogStore,
  query: LogSearch,
  options: SearchOptions = {},
): Promise<SearchProgress> {
  const filter = new LineFilter(query, options.isNew);
  const spans = wantedLanes(store, query.services).flatMap((lane) => laneSpans(lane, filter));
  const totalBytes = spans.reduce((sum, span) => sum + span.bytes, 0);
  const progress = { count: 0, searchedBytes: 0, totalBytes };
  const slice = new Slice(SLICE_MS);
  const scratch = createScratch();
  let listed = 0;
  for (const span of spans.sort(compareLaneSpans)) {
    if (options.signal?.aborted) break;
    const { count, hits } = await hitsIn(span, { filter, query, slice, scratch, limit: MAX_HITS - listed });
    listed += hits.length;
    progress.count += count;
    progress.searchedBytes += span.bytes;
    if (hits.length > 0) options.onHits?.(hits, { ...progress });
  }
  return progress;
}

interface HitsIn {
  readonly filter: LineFilter;
  readonly query: LogSearch;
  readonly slice: Slice;
  readonly scratch: Buffer;
  readonly limit: number;
}

async function hitsIn(
  span: LaneSpan,
  { filter, query, slice, scratch, limit }: HitsIn,
): Promise<{ readonly count: number; readonly hits: LogHit[] }> {
  const hits: LogHit[] = [];
  let count = 0;
  for (const block of (await readSpan(span, scratch)).reverse()) {
    for (const row of filter.matchingRows(block).reverse()) {
      if (!isInSpan(block, row, query)) continue;
      count++;
      if (hits.length < limit) hits.push(hitOf(span.lane, block, row));
    }
    if (slice.isOver) await slice.next();
  }
  return { count, hits };
}

/** The nearest match before or behind a line; undefined when there is none. */
export async function findNext(
  store: LogStore,
  query: LogSearch,
  from: { readonly position: LinePosition; readonly direction: 'before' | 'after' },
  options: Pick<SearchOptions, 'isNew' | 'signal'> = {},
): Promise<LogHit | undefined> {
  const filter = new LineFilter(query, options.isNew);
  const sign = from.direction === 'after' ? 1 : -1;
  const search = {
    filter,
    query,
    from: from.position,
    sign,
    slice: new Slice(SLICE_MS),
    scratch: createScratch(),
    signal: options.signal,
  };
  let best: Found | undefined;
  for (const lane of wantedLanes(store, query.services)) {
    const found = await nearestInLane(lane, search);
    if (found === undefined) continue;
    if (best === undefined || sign * comparePositions(found.position, best.position) < 0) best = found;
  }
  return best?.hit;
}

interface Found {
  readonly position: LinePosition;
  readonly hit: LogHit;
}

async function nearestInLane(lane: Lane, search: Nearest): Promise<Found | undefined> {
  const { filter, from, sign, signal } = search;
  for (const span of laneSpans(lane, filter).sort((a, b) => -sign * compareLaneSpans(a, b))) {
    if (signal?.aborted) return undefined;
    const found = isBeyond(span, from, sign) ? undefined : await nearestIn(span, search);
    if (found !== undefined) return found;
  }
  return undefined;
}

interface Nearest {
  readonly filter: LineFilter;
  readonly query: LogSearch;
  readonly from: LinePosition;
  readonly sign: number;
  readonly slice: Slice;
  readonly scratch: Buffer;
  readonly signal: AbortSignal | undefined;
}

async function nearestIn(
  span: LaneSpan,
  { filter, query, from, sign, slice, scratch }: Nearest,
): Promise<Found | undefined> {
  const blocks = await readSpan(span, scratch);
  if (sign < 0) blocks.reverse();
  for (const block of blocks) {
    const rows = filter.matchingRows(block);
    if (sign < 0) rows.reverse();
    for (const row of rows) {
      const position = positionOf(block, row);
      if (sign * comparePositions(position, from) <= 0 || !isInSpan(block, row, query)) continue;
      return { position, hit: hitOf(span.lane, block, row) };
    }
    if (slice.isOver) await slice.next();
  }
  return undefined;
}

/** Does the span lie wholly on the wrong side? */
function isBeyond(span: LaneSpan, from: LinePosition, sign: number): boolean {
  return sign > 0 ? compareInstants(span.last, from) < 0 : compareInstants(span.first, from) > 0;
}

function wantedLanes(store: LogStore, services: readonly string[]): readonly Lane[] {
  return store.lanes.filter(({ key }) => services.length === 0 || services.includes(key.service));
}

function isInSpan(block: Block, row: number, query: TimeSpan): boolean {
  const at = { secs: keySecs(block, row), nanos: keyNanos(block, row) };
  const start = spanStart(query);
  const end = spanEnd(query);
  return (
    (start === undefined || compareInstants(at, start) >= 0) &&
    (end === undefined || compareInstants(at, end) <= 0)
  );
}

function positionOf(block: Block, row: number): LinePosition {
  return { secs: keySecs(block, row), nanos: keyNanos(block, row), block: block.sequence, row };
}

function hitOf(lane: Lane, block: Block, row: number): LogHit {
  const meta = rowMeta(block, row);
  const start = rowStart(block, row);
  const end = rowEnd(block, row) - ((meta & FLAG_MORE) === 0 ? 1 : 0);
  return {
    id: formatLineId(positionOf(block, row)),
    timeMs: toMs({
      secs: block.table[row * ROW_WORDS + 1] ?? 0,
      nanos: block.table[row * ROW_WORDS + 2] ?? 0,
    }),
    source: lane.source,
    kind: kindName(meta),
    level: levelName(meta),
    preview: block.text.toString('utf8', start, Math.min(end, start + PREVIEW_BYTES)),
  };
}
