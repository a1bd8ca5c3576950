import { LOG_LEVELS } from '#contract/logBatch.ts';
import { createFieldMatcher, type FieldTest } from './fieldMatcher.ts';
import { type Block, rowEnd, rowMeta, rowStart } from './logStore/block.ts';
import { fromMs, type Instant } from './logStore/instant.ts';
import {
  CONTAINER_SHIFT,
  FLAG_CONTINUATION,
  FLAG_MORE,
  FLAG_PIECE,
  KIND_MARKER,
  KIND_MASK,
  KIND_STDERR,
  KIND_STDOUT,
  KIND_TTY,
  levelOf,
} from './logStore/rows.ts';
import { createTextMatcher, type TextMatcher } from './textMatcher.ts';

/** What lines are wanted. As the filter of a `logs` stream, with the time span. */
export interface LogQuery {
  readonly text?: string | undefined;
  readonly regex?: boolean | undefined;
  readonly caseSensitive?: boolean | undefined;
  readonly invert?: boolean | undefined;
  readonly levels?: readonly string[] | undefined;
  readonly streams?: readonly ('stdout' | 'stderr')[] | undefined;
  /** Only lines whose template no good boot has shown. */
  readonly onlyNew?: boolean | undefined;
  /** What fields of JSON and logfmt lines must be like; a line without fields passes none. */
  readonly fields?: readonly FieldTest[] | undefined;
}

/** Decides about rows of blocks. Keeps what it needs to keep stack traces together, so rows of a lane come in order. */
export class LineFilter {
  readonly matcher: TextMatcher | undefined;
  readonly #invert: boolean;
  /** Bits of levels that pass. */
  readonly #levels: number;
  /** Bits of kinds that pass. */
  readonly #kinds: number;
  readonly #isNew: ((line: Buffer) => boolean) | undefined;
  readonly #hasFields: ((line: Buffer) => boolean) | undefined;
  /** By lane, container and stream: has the line that a continuation belongs to passed? */
  readonly #heads = new Map<string, boolean>();

  constructor(query: LogQuery, isNew?: (line: Buffer) => boolean) {
    const { text, regex = false, caseSensitive = false } = query;
    this.matcher = text ? createTextMatcher({ text, regex, caseSensitive }) : undefined;
    this.#invert = query.invert ?? false;
    this.#levels = levelBits(query.levels);
    this.#kinds = kindBits(query.streams);
    this.#isNew = query.onlyNew ? isNew : undefined;
    this.#hasFields = query.fields?.length ? createFieldMatcher(query.fields) : undefined;
  }

  /** Everything passes. */
  get isEmpty(): boolean {
    return !this.#judgesText && this.#levels === ALL && this.#kinds === ALL;
  }

  get #judgesText(): boolean {
    return this.matcher !== undefined || this.#isNew !== undefined || this.#hasFields !== undefined;
  }

  /** Could a line of a block or page with these levels and kinds pass? See `maskOf`. */
  mayPass(mask: number): boolean {
    return (mask & this.#levels & 0xff) !== 0 && ((mask >>> 8) & this.#kinds) !== 0;
  }

  /** False only when no line of this block can pass. A block that begins inside a stack trace may, with its head. */
  mayPassBlock(block: Block): boolean {
    if (!this.mayPass(block.mask)) return false;
    if (this.matcher === undefined || this.#invert) return true;
    return (rowMeta(block, 0) & (FLAG_CONTINUATION | FLAG_PIECE)) !== 0 || this.matcher.mayMatch(block.text);
  }

  passesMeta(meta: number): boolean {
    if ((meta & KIND_MASK) === KIND_MARKER) return this.#kinds === ALL && this.#levels === ALL;
    return ((1 << (meta & KIND_MASK)) & this.#kinds) !== 0 && ((1 << levelOf(meta)) & this.#levels) !== 0;
  }

  /** Judges a whole line, which may be longer than its row. */
  passes(source: string, meta: number, line: Buffer): boolean {
    if (!this.passesMeta(meta)) return false;
    if (!this.#judgesText) return true;
    if ((meta & KIND_MASK) === KIND_MARKER) return false;
    const key = `${source} ${meta >>> CONTAINER_SHIFT} ${meta & KIND_MASK}`;
    const isContinuation = (meta & FLAG_CONTINUATION) !== 0;
    if (isContinuation && this.#heads.get(key) === true) return true;
    const passes = this.#judge(line);
    if (!isContinuation) this.#heads.set(key, passes);
    return passes;
  }

  #judge(line: Buffer): boolean {
    if (this.matcher !== undefined && this.matcher.test(line) === this.#invert) return false;
    if (this.#hasFields !== undefined && !this.#hasFields(line)) return false;
    return this.#isNew === undefined || this.#isNew(line);
  }

  /** Own matches only: rows of a block whose text matches, whatever stands around them. In order. */
  matchingRows(block: Block): number[] {
    if (!this.mayPass(block.mask)) return [];
    if (this.matcher === undefined || this.#invert)
      return allRows(block).filter((row) => this.#rowMatches(block, row));
    const next = this.matcher.candidates(block.text);
    if (next === undefined) {
      if (!this.matcher.mayMatch(block.text)) return [];
      return allRows(block).filter((row) => this.#rowMatches(block, row));
    }
    const rows: number[] = [];
    for (let at = next(0); at >= 0; ) {
      const row = rowAt(block, at);
      if (this.#rowMatches(block, row)) rows.push(row);
      const end = rowEnd(block, row);
      at = end < block.text.length ? next(end) : -1;
    }
    return rows;
  }

  #rowMatches(block: Block, row: number): boolean {
    const meta = rowMeta(block, row);
    if ((meta & KIND_MASK) > KIND_TTY || !this.passesMeta(meta)) return false;
    const end = rowEnd(block, row) - ((meta & FLAG_MORE) === 0 ? 1 : 0);
    return this.#judge(block.text.subarray(rowStart(block, row), end));
  }
}

const ALL = 0xff;

function levelBits(levels: readonly string[] | undefined): number {
  if (levels === undefined || levels.length === 0) return ALL;
  return levels.reduce(
    (bits, level) => bits | (1 << Math.max(0, (LOG_LEVELS as readonly string[]).indexOf(level))),
    0,
  );
}

/** A terminal's output counts as stdout. */
function kindBits(streams: readonly ('stdout' | 'stderr')[] | undefined): number {
  if (streams === undefined || streams.length === 0) return ALL;
  return (
    (streams.includes('stdout') ? (1 << KIND_STDOUT) | (1 << KIND_TTY) : 0) |
    (streams.includes('stderr') ? 1 << KIND_STDERR : 0)
  );
}

function allRows(block: Block): number[] {
  return Array.from({ length: block.rows }, (_, row) => row);
}

/** The row in which an offset of the text lies. */
function rowAt(block: Block, offset: number): number {
  let low = 0;
  let high = block.rows - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rowEnd(block, middle) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A span of time; both ends belong to it. */
export interface TimeSpan {
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

export function spanStart({ sinceMs }: TimeSpan): Instant | undefined {
  return sinceMs === undefined ? undefined : fromMs(sinceMs);
}

export function spanEnd({ untilMs }: TimeSpan): Instant | undefined {
  return untilMs === undefined ? undefined : fromMs(untilMs);
}
