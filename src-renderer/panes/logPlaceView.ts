import type { StoreApi } from 'zustand/vanilla';
import type { LogLine } from '#contract/logBatch.ts';
import type { LogPaneState } from './logPaneState.ts';
import type { Around, LogPlaces, WhichLines } from './logPlaces.ts';
import type { LogSheet } from './logSheet.ts';
import type { Screen } from './screen.ts';

/** Lines of the past that are held at once; beyond it those at the far end go, and are fetched again when one comes back. */
const PLACE_LINES_MAX = 6000;

interface LogPlaceViewOptions {
  readonly state: StoreApi<LogPaneState>;
  readonly screen: Screen;
  readonly sheet: LogSheet;
  readonly places: LogPlaces;
  readonly attempt: <T>(what: string, request: Promise<T>) => Promise<T | undefined>;
  /** There is nothing to go to, in words. */
  readonly onNothing: (title: string) => void;
  /** One has scrolled to the end of everything. */
  readonly onEnd: () => void;
}

/** Where a log pane looks in the past: goes to lines, instants, errors and boots, and further on from there. */
export class LogPlaceView {
  readonly #options: LogPlaceViewOptions;
  /** Raised with every question: an answer to an older one comes too late. */
  #asked = 0;
  #jumps: Promise<void> = Promise.resolve();
  #fetching = false;
  #stoppedByMark = false;
  /** Nothing is stored beyond this end. */
  #isWhole = { older: false, newer: false };

  constructor(options: LogPlaceViewOptions) {
    this.#options = options;
  }

  /** Following stopped for a mark, and one has not gone anywhere since. */
  get stoppedByMark(): boolean {
    return this.#stoppedByMark;
  }

  /** Back to what comes. */
  leave(): void {
    this.#stoppedByMark = false;
    this.forget();
    this.#options.sheet.leavePlace();
  }

  /** What was asked is of no use any more. */
  forget(): void {
    this.#asked += 1;
    this.#isWhole = { older: false, newer: false };
    this.#options.state.setState({ context: false });
  }

  /** Shows all that is stored around what one sees, in the place of lines among which some went by. */
  async fill(): Promise<void> {
    const { state, sheet, places, attempt } = this.#options;
    const first = this.#inSight('first', ({ id }) => id !== '');
    if (first === undefined) return;
    const asked = ++this.#asked;
    const lines = await attempt('Reading the log', places.around(first));
    if (lines === undefined || asked !== this.#asked || state.getState().follow) return;
    const inSight = this.#inSight('first', ({ id }) => id !== '') ?? first;
    this.#isWhole = { older: false, newer: false };
    await sheet.showPlace(lines);
    const { current } = state.getState();
    const same = (line: LogLine | undefined) => lines.find(({ id }) => id === line?.id);
    const marked = same(current);
    if (marked !== undefined) this.mark(marked, 'nearest');
    const top = same(inSight) ?? same(first);
    if (top !== undefined) sheet.scrollTo(top, 0);
  }

  /** Among what the filter shows; among all where the filter hides the line itself. */
  async showLine(id: string): Promise<void> {
    const { sheet, state, places } = this.#options;
    const shown = sheet.lines.find((line) => line.id === id);
    if (shown !== undefined && this.mark(shown, 'third')) return;
    const { context } = state.getState();
    const isShown =
      !context && (await this.#show('Showing the line', places.aroundLine(id, 'filtered'), 'filtered'));
    if (!isShown) await this.#showAmongAll(id);
  }

  /** The marked line among its neighbours, whatever the filter says of those. */
  async showContext(): Promise<void> {
    const { current } = this.#options.state.getState();
    if (current !== undefined && current.id !== '') await this.#showAmongAll(current.id);
  }

  async #showAmongAll(id: string): Promise<void> {
    await this.#show('Showing the line', this.#options.places.aroundLine(id, 'all'), 'all');
  }

  /** From a line among all back to what the filter shows, at the same time. */
  async leaveContext(): Promise<void> {
    const { current } = this.#options.state.getState();
    const at = current ?? this.#inSight('first', ({ id }) => id !== '');
    if (at !== undefined) await this.showInstant(at.time);
  }

  async showInstant(timeMs: number, side: 'before' | 'behind' = 'before'): Promise<void> {
    await this.#show('Going to this time', this.#options.places.aroundInstant(timeMs, side), 'filtered');
  }

  showError(direction: 'before' | 'after'): Promise<void> {
    return this.#jump(() => this.#goToError(direction));
  }

  showBoot(which: 'first' | 'last' | 'before' | 'after'): Promise<void> {
    return this.#jump(() => this.#goToBoot(which));
  }

  /** One after the other: keys come faster than what is stored is looked through, and each goes on from where the last led. */
  #jump(go: () => Promise<void>): Promise<void> {
    this.#jumps = this.#jumps.then(go, go);
    return this.#jumps;
  }

  async #goToError(direction: 'before' | 'after'): Promise<void> {
    const from = this.#here(direction);
    if (from === undefined) return;
    const asked = ++this.#asked;
    const { places, attempt, onNothing } = this.#options;
    const hit = await attempt(
      'Looking for an error',
      places.error(from.id, direction).then((found) => ({ found })),
    );
    if (hit === undefined || asked !== this.#asked) return;
    if (hit.found !== undefined) await this.showLine(hit.found.id);
    else onNothing(direction === 'after' ? 'No error after this line' : 'No error before this line');
  }

  async #goToBoot(which: 'first' | 'last' | 'before' | 'after'): Promise<void> {
    const { places, attempt, onNothing } = this.#options;
    const boots = await attempt('Looking for boots', places.boots());
    if (boots === undefined) return;
    const here = this.#options.state.getState().current?.time ?? this.#here('before')?.time ?? 0;
    const boot = {
      first: () => boots[0],
      last: () => boots.at(-1),
      before: () => boots.findLast(({ timeMs }) => timeMs < here),
      after: () => boots.find(({ timeMs }) => timeMs > here),
    }[which]();
    if (boot !== undefined) return this.showInstant(boot.timeMs, 'behind');
    onNothing(boots.length === 0 ? 'No boot is in this log' : `No boot ${which} this line`);
  }

  /** Marks a line that is drawn: following stops, or it would be gone before one has read it. */
  mark(line: LogLine, where: 'nearest' | 'third'): boolean {
    if (!this.#options.sheet.mark(line, where)) return false;
    const { state } = this.#options;
    this.#stoppedByMark ||= state.getState().follow;
    state.setState({ current: line, follow: false });
    return true;
  }

  /** After everything was drawn anew. */
  markAgain(): void {
    const { current } = this.#options.state.getState();
    if (current !== undefined) this.#options.sheet.mark(current, 'third');
  }

  /** The line before or behind the marked one; without one, the last in sight. */
  beside(by: -1 | 1): LogLine | undefined {
    const { state, sheet } = this.#options;
    const { current } = state.getState();
    if (current === undefined) return this.#inSight('last');
    const index = sheet.lines.lastIndexOf(current);
    const next = index < 0 ? undefined : sheet.lines[index + by];
    if (next === undefined) this.reach(by < 0 ? 'older' : 'newer');
    return next;
  }

  /** One has scrolled: at the end of what is drawn, what is stored beyond is fetched. */
  reach(end: 'older' | 'newer'): void {
    this.#stoppedByMark = false;
    const { screen, sheet, onEnd } = this.#options;
    const { viewportY, baseY } = screen.terminal.buffer.active;
    const isThere = end === 'older' ? viewportY === 0 : sheet.isPlace && viewportY >= baseY;
    if (!isThere || this.#fetching || sheet.lines.length === 0) return;
    if (!this.#isWhole[end]) void this.#extend(end);
    else if (end === 'newer') onEnd();
  }

  async #extend(end: 'older' | 'newer'): Promise<void> {
    const { sheet, places, attempt, onEnd } = this.#options;
    const shown = sheet.lines.filter(({ id }) => id !== '');
    const edge = end === 'older' ? shown[0] : shown.at(-1);
    if (edge === undefined) return;
    const asked = this.#asked;
    this.#fetching = true;
    const which = this.#options.state.getState().context ? 'all' : 'filtered';
    const more = await attempt('Reading the log', places[end](edge, which));
    this.#fetching = false;
    if (more === undefined || asked !== this.#asked) return;
    this.#isWhole[end] = more.length === 0;
    if (more.length > 0) await this.#join(end, shown, more);
    else if (end === 'newer') onEnd();
  }

  /** What one looks at stays where it is. */
  async #join(end: 'older' | 'newer', shown: readonly LogLine[], more: readonly LogLine[]): Promise<void> {
    const { sheet, state } = this.#options;
    const anchor = this.#inSight(end === 'older' ? 'first' : 'last');
    const lines =
      end === 'older'
        ? [...more, ...shown].slice(0, PLACE_LINES_MAX)
        : [...shown, ...more].slice(-PLACE_LINES_MAX);
    if (lines.length < more.length + shown.length) this.#isWhole[end === 'older' ? 'newer' : 'older'] = false;
    const drawn = sheet.showPlace(lines);
    state.setState({ follow: false });
    await drawn;
    const rows = this.#options.screen.terminal.rows;
    const { current } = state.getState();
    if (current !== undefined) sheet.mark(current, 'nearest');
    if (anchor !== undefined) sheet.scrollTo(anchor, end === 'older' ? 0 : rows - 1);
  }

  /** False where there is no such line among them. */
  async #show(what: string, request: Promise<Around>, which: WhichLines): Promise<boolean> {
    const { state, sheet, attempt } = this.#options;
    const asked = ++this.#asked;
    const found = await attempt(what, request);
    if (found === undefined || asked !== this.#asked) return true;
    if (found.at === undefined) return false;
    this.#isWhole = { older: false, newer: false };
    const drawn = sheet.showPlace(found.lines);
    state.setState({ follow: false, empty: false, context: which === 'all' });
    await drawn;
    if (asked === this.#asked) this.mark(found.at, 'third');
    return true;
  }

  /** Where one is, for what is looked for before or behind it: a line that the store knows. */
  #here(direction: 'before' | 'after'): LogLine | undefined {
    const { state, sheet } = this.#options;
    const line = state.getState().current ?? this.#inSight(direction === 'after' ? 'first' : 'last');
    if (line !== undefined && line.id !== '') return line;
    return sheet.lines.findLast(({ id }) => id !== '');
  }

  #inSight(which: 'first' | 'last', isWanted = (_line: LogLine) => true): LogLine | undefined {
    const { screen, sheet } = this.#options;
    const { viewportY } = screen.terminal.buffer.active;
    const rows = Array.from({ length: screen.terminal.rows }, (_, index) => viewportY + index);
    for (const row of which === 'first' ? rows : rows.reverse()) {
      const line = sheet.lineAt(row);
      if (line !== undefined && isWanted(line)) return line;
    }
    return undefined;
  }
}
