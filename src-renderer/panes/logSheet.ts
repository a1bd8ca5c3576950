import type { LogLine } from '#contract/logBatch.ts';
import { COLUMN_GAP, columnsText, type FieldColumn, widened } from './fieldColumns.ts';
import { KeptLines } from './keptLines.ts';
import { formatLines, type LineLook, prefixWidth, type TimeShown } from './lineFormat.ts';
import type { Screen } from './screen.ts';
import { sourceColours } from './sourceColours.ts';
import { shownSource } from './sourceWidth.ts';
import { linesBehind, rowsOfLine } from './terminalRows.ts';
import { markedBackground } from './terminalTheme.ts';

/** About what one scrolls back through at once; the store keeps the rest, and it is fetched when one comes to it. */
export const LINES_KEPT = 10_000;
const BYTES_KEPT = 8 * 1024 * 1024;
/** A pane that does not wrap is never wider: longer lines are wrapped there. */
const COLUMNS_MAX = 400;
const SOURCE_WIDTH_MAX = 20;
/** So many lines are drawn before the window gets its turn. */
const SLICE_LINES = 400;
/** Nothing is typed here (DECTCEM). A reset of the terminal brings the cursor back. */
const NO_CURSOR = '\x1b[?25l';
const encoder = new TextEncoder();
const COUNT = new Intl.NumberFormat('en');

export interface SheetLook {
  readonly time: TimeShown;
  readonly wrap: boolean;
  /** Milliseconds of the boot that times count from. */
  readonly bootAt: number | undefined;
}

interface SheetOptions {
  readonly screen: Screen;
  readonly look: () => SheetLook;
  /** Services whose first replica is shown with its number. */
  readonly numbered: () => ReadonlySet<string>;
  /** Letters of the widest name of a service that will be seen. */
  readonly sourceWidth: number;
  /** The columns have become wider. */
  readonly onColumns: (columns: readonly FieldColumn[]) => void;
}

/** What a search over the pane covers. */
const ROWS_UNDER_SEARCH = 5;

/**
 * What a log pane draws: the lines that came, or lines of the past around a place instead. Knows which line is drawn in which
 * row; one of them can be marked.
 */
export class LogSheet {
  readonly #options: SheetOptions;
  readonly #screen: Screen;
  readonly #kept = new KeptLines({ lines: LINES_KEPT, bytes: BYTES_KEPT });
  readonly #colourOf = sourceColours();
  #place: readonly LogLine[] | undefined;
  #columns: readonly FieldColumn[] = [];
  #sourceWidth: number;
  #longest = 0;
  /** Raised with every drawing of everything: an older one that is still going on stops. */
  #drawing = 0;
  #isDrawing = false;
  /** Came while everything was drawn, and comes behind it. */
  #late: { readonly lines: readonly LogLine[]; readonly done: (() => void) | undefined }[] = [];
  #mark: { readonly line: LogLine; dispose(): void } | undefined;
  /** The newest place where lines went by. */
  #gap: LogLine | undefined;

  constructor(options: SheetOptions) {
    this.#options = options;
    this.#screen = options.screen;
    this.#screen.terminal.write(NO_CURSOR);
    this.#screen.onTheme = () => this.#mark && this.mark(this.#mark.line, 'nearest');
    this.#sourceWidth = Math.min(SOURCE_WIDTH_MAX, options.sourceWidth);
  }

  /** What is shown, or about to be. */
  get lines(): readonly LogLine[] {
    return this.#place ?? this.#kept.all();
  }

  get isPlace(): boolean {
    return this.#place !== undefined;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** Letters before a line's own text. */
  get prefixWidth(): number {
    return prefixWidth({ time: this.#options.look().time, sourceWidth: this.#sourceWidth });
  }

  /** How wide the screen has to be. */
  get minColumns(): number {
    return this.#options.look().wrap ? 0 : this.#longest;
  }

  /** Lines that came. Behind a place they are kept, not drawn. `done` is called when they are drawn. */
  append(lines: readonly LogLine[], done?: () => void): void {
    this.#kept.push(lines);
    if (this.#place !== undefined) done?.();
    else if (this.#grow(lines) && this.#kept.size > lines.length) this.redraw(done);
    else if (this.#isDrawing) this.#late.push({ lines, done });
    else this.#screen.terminal.write(formatLines(lines, this.#look()), done);
  }

  /** Says that lines went by here. */
  appendGap(lines: number): void {
    this.#gap = this.note(`${COUNT.format(lines)} lines went by · scroll up to read them`);
    this.append([this.#gap]);
  }

  /** Lines are missing among those that came. */
  get hasGap(): boolean {
    return this.#gap !== undefined && this.#kept.all().includes(this.#gap);
  }

  /** A line of ours, for among theirs. */
  note(text: string): LogLine {
    const time = this.lines.at(-1)?.time ?? Date.now();
    return { id: '', time, kind: 'marker', level: 'none', source: '', text: encoder.encode(text) };
  }

  /** Shows lines of the past instead of what comes. Resolves when they are drawn. */
  showPlace(lines: readonly LogLine[]): Promise<void> {
    this.#place = lines;
    this.#grow(lines);
    return new Promise((resolve) => this.redraw(resolve));
  }

  /** Back to what came. */
  leavePlace(): void {
    if (this.#place === undefined) return;
    this.#place = undefined;
    this.redraw();
  }

  /** Takes everything away and hands over what was kept. */
  clear(): readonly LogLine[] {
    this.#place = undefined;
    const lines = this.#kept.take();
    this.redraw();
    return lines;
  }

  /** Lines that were cleared, before those that came since. */
  restore(lines: readonly LogLine[]): void {
    const since = this.#kept.take();
    this.#kept.push([...lines, ...since]);
    this.redraw();
  }

  setColumns(columns: readonly FieldColumn[]): void {
    this.#columns = widened(columns, this.lines);
    this.#options.onColumns(this.#columns);
    this.#longest = 0;
    this.#grow(this.lines);
    this.fit();
    this.redraw();
  }

  /** Draws everything again. `done` is called when it is drawn, or when something newer takes its place. */
  redraw(done?: () => void): void {
    const late = this.#late.splice(0);
    this.#drawing += 1;
    this.#isDrawing = true;
    this.unmark();
    this.#screen.terminal.reset();
    this.#screen.terminal.write(NO_CURSOR);
    for (const entry of late) entry.done?.();
    this.#drawFrom(0, { lines: [...this.lines], drawing: this.#drawing, done });
  }

  #drawFrom(
    start: number,
    job: {
      readonly lines: readonly LogLine[];
      readonly drawing: number;
      readonly done: (() => void) | undefined;
    },
  ): void {
    if (job.drawing !== this.#drawing) {
      job.done?.();
      return;
    }
    if (start >= job.lines.length) {
      this.#isDrawing = false;
      job.done?.();
      for (const { lines, done } of this.#late.splice(0))
        this.#screen.terminal.write(formatLines(lines, this.#look()), done);
      return;
    }
    const slice = job.lines.slice(start, start + SLICE_LINES);
    this.#screen.terminal.write(formatLines(slice, this.#look()), () =>
      this.#drawFrom(start + SLICE_LINES, job),
    );
  }

  fit(): void {
    this.#screen.fit(this.minColumns);
  }

  /** The line drawn in a row of the terminal's buffer. Nothing while everything is being drawn. */
  lineAt(row: number): LogLine | undefined {
    if (this.#isDrawing) return undefined;
    const behind = linesBehind(this.#screen.terminal.buffer.active, row);
    return behind === undefined ? undefined : this.lines[this.lines.length - 1 - behind];
  }

  /** Marks a line and brings it into sight; `third`: to where one looks first. False where it is not drawn. */
  mark(line: LogLine, where: 'nearest' | 'third'): boolean {
    this.unmark();
    const rows = this.#rowsOf(line);
    if (rows === undefined) return false;
    const { terminal } = this.#screen;
    const { baseY, cursorY, viewportY } = terminal.buffer.active;
    const marker = terminal.registerMarker(rows.first - baseY - cursorY);
    const backgroundColor = markedBackground();
    const look = { width: terminal.cols, height: rows.count, backgroundColor, layer: 'bottom' } as const;
    terminal.registerDecoration({ marker, ...look });
    this.#mark = { line, dispose: () => marker.dispose() };
    if (where === 'third') terminal.scrollToLine(Math.max(0, rows.first - thirdRow(terminal.rows)));
    else if (rows.first < viewportY) terminal.scrollToLine(rows.first);
    else if (rows.first + rows.count > viewportY + terminal.rows)
      terminal.scrollToLine(rows.first + rows.count - terminal.rows);
    return true;
  }

  unmark(): void {
    this.#mark?.dispose();
    this.#mark = undefined;
  }

  /** Brings a line to a row of the view, counted from its top. */
  scrollTo(line: LogLine, fromTop: number): void {
    const rows = this.#rowsOf(line);
    if (rows !== undefined) this.#screen.terminal.scrollToLine(Math.max(0, rows.first - fromTop));
  }

  #rowsOf(line: LogLine): { readonly first: number; readonly count: number } | undefined {
    const index = this.lines.lastIndexOf(line);
    if (index < 0 || this.#isDrawing) return undefined;
    return rowsOfLine(this.#screen.terminal.buffer.active, this.lines.length - 1 - index);
  }

  /** Makes room for longer names, values and lines. True when what is drawn already has to be drawn again. */
  #grow(lines: readonly LogLine[]): boolean {
    const sourceWidth = this.#sourceWidth;
    const numbered = this.#options.numbered();
    const widest = lines.reduce(
      (most, { source }) => Math.max(most, shownSource(source, numbered).length),
      0,
    );
    this.#sourceWidth = Math.max(sourceWidth, Math.min(SOURCE_WIDTH_MAX, widest));
    const columns = widened(this.#columns, lines);
    const isWider = columns !== this.#columns;
    if (isWider) {
      this.#columns = columns;
      this.#options.onColumns(columns);
    }
    this.#growTo(Math.min(COLUMNS_MAX, longestText(lines, columns) + this.prefixWidth + 1));
    return isWider || this.#sourceWidth > sourceWidth;
  }

  /** In steps: every change of the width makes the terminal lay its lines out again. */
  #growTo(wanted: number): void {
    if (wanted <= this.#longest) return;
    this.#longest = Math.min(COLUMNS_MAX, Math.ceil(wanted / 50) * 50);
    if (!this.#options.look().wrap) this.fit();
  }

  #look(): LineLook {
    const { time, bootAt } = this.#options.look();
    return {
      time,
      bootAt,
      sourceWidth: this.#sourceWidth,
      numbered: this.#options.numbered(),
      colourOf: this.#colourOf,
      columns: this.#screen.fittingColumns,
      fields: this.#columns,
    };
  }
}

/** Letters of the longest line as it is drawn. */
function longestText(lines: readonly LogLine[], columns: readonly FieldColumn[]): number {
  const own = columns.reduce((sum, { width }) => sum + width + COLUMN_GAP, 0);
  const raw = columns.length === 0 ? lines : lines.filter((line) => columnsText(line, columns) === undefined);
  return raw.reduce((longest, line) => Math.max(longest, line.text.length), own);
}

/** A third down, and below what a search lays over the first rows, where there are rows enough. */
function thirdRow(rows: number): number {
  return Math.max(Math.floor(rows / 3), Math.min(ROWS_UNDER_SEARCH, rows - 2));
}
