import { createStore, type StoreApi } from 'zustand/vanilla';
import { describeError } from '#contract/describe.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { LogLine } from '#contract/logBatch.ts';
import type { FieldTest } from '#contract/streams.ts';
import { attempt, openLink } from '#state/actions.ts';
import { selectLatestRun, selectServices } from '#state/selectors.ts';
import type { WindowModel } from '#state/windowModel.ts';
import { fieldNames, newColumn } from './fieldColumns.ts';
import { HeldLines } from './heldLines.ts';
import type { TimeShown } from './lineFormat.ts';
import { type FilterChoice, NO_FILTER } from './logFilters.ts';
import { LogFinder } from './logFinder.ts';
import { LogGestures, type ViewMove } from './logGestures.ts';
import { logKeys } from './logKeys.ts';
import { initialState, type LogPaneState } from './logPaneState.ts';
import { LogPlaces } from './logPlaces.ts';
import { LogPlaceView } from './logPlaceView.ts';
import { LogQuestion } from './logQuestion.ts';
import { LogReader } from './logReader.ts';
import { LINES_KEPT, LogSheet } from './logSheet.ts';
import type { Pane } from './pane.ts';
import { changeFont } from './paneFont.ts';
import { Screen } from './screen.ts';
import { expectedSourceWidth, numberedServices } from './sourceWidth.ts';

/** Lines asked for when a pane opens. */
const TAIL = 1000;

export interface LogPaneOptions {
  readonly workspace: WorkspaceId;
  readonly services: readonly string[];
  /** Only lines of this span, until somebody asks for others. */
  readonly span?: { readonly sinceMs?: number; readonly untilMs?: number } | undefined;
  /** Other services were chosen. */
  readonly onServices: (services: readonly string[]) => void;
  /** A line was chosen: panes beside this one go to its time. */
  readonly onInstant: (timeMs: number) => void;
}

/** The logs of some services, or of all, in a terminal that takes no input. */
export class LogPane implements Pane {
  readonly state: StoreApi<LogPaneState>;
  /** The search over everything stored of these services. */
  readonly finder: LogFinder;
  readonly #model: WindowModel;
  readonly #options: LogPaneOptions;
  readonly #screen: Screen;
  readonly #sheet: LogSheet;
  readonly #reader: LogReader;
  readonly #places: LogPlaces;
  /** Where it looks in the past, and the ways to go there. */
  readonly place: LogPlaceView;
  /** What is asked about this pane's lines. */
  readonly question: LogQuestion;
  readonly #gestures: LogGestures;
  readonly #held = new HeldLines();
  #cleared: readonly LogLine[] = [];
  #hidden = false;

  constructor(model: WindowModel, options: LogPaneOptions) {
    this.#model = model;
    this.#options = options;
    this.state = createStore<LogPaneState>(() => initialState(options.services, options.span));
    this.#screen = new Screen({
      kind: 'logs',
      label: 'Logs',
      terminal: {
        disableStdin: true,
        cursorStyle: 'bar',
        cursorInactiveStyle: 'none',
        scrollback: LINES_KEPT,
      },
      onLink: (url) => openLink(model, url),
      view: model.view,
    });
    this.#screen.onFont = () => this.fit();
    this.question = new LogQuestion(model, { workspace: options.workspace, state: this.state });
    this.finder = this.#newFinder();
    this.question.find = () => this.finder.state.getState();
    this.#sheet = this.#newSheet();
    this.#reader = this.#newReader();
    this.#places = new LogPlaces({
      client: model.client,
      workspace: options.workspace,
      services: () => this.services,
      filter: () => this.question.filter,
      span: () => this.state.getState().filter.span,
    });
    this.place = new LogPlaceView({
      state: this.state,
      screen: this.#screen,
      sheet: this.#sheet,
      places: this.#places,
      attempt: (what, request) => attempt(model, what, request),
      onNothing: (title) => model.notices.add({ tone: 'wait', title }),
      onEnd: () => this.setFollow(true),
    });
    this.#gestures = this.#newGestures();
    this.state.subscribe(({ follow }, before) => before.follow && !follow && this.#stopped());
  }

  get element(): HTMLElement {
    return this.#screen.element;
  }

  /** Empty: all. */
  get services(): readonly string[] {
    return this.state.getState().services;
  }

  /** Letters before a line's own text. */
  get prefixWidth(): number {
    return this.#sheet.prefixWidth;
  }

  /** The size of its letters, in pixels. */
  get fontPx(): number {
    return this.#screen.terminal.options.fontSize ?? 0;
  }

  async show(parent: HTMLElement): Promise<void> {
    this.#hidden = false;
    await this.#screen.show(parent);
    if (this.#hidden) return; // left before it was drawn
    this.fit();
    this.#reader.show();
  }

  hide(): void {
    this.#hidden = true;
    this.#screen.hide();
    this.#reader.hide();
  }

  fit(): void {
    this.#sheet.fit();
  }

  focus(): void {
    this.#screen.terminal.focus();
  }

  dispose(): void {
    this.finder.dispose();
    this.#reader.dispose();
    this.#gestures.dispose();
    this.#screen.dispose();
  }

  /** Jumps to the end and stays there, or stays where it is. */
  setFollow(follow: boolean): void {
    this.state.setState({ follow });
    if (!follow) return;
    this.deselect();
    this.place.leave();
    this.#writeHeld();
    this.#screen.terminal.scrollToBottom();
  }

  setTime(time: TimeShown): void {
    this.state.setState({ time });
    this.#sheet.redraw(() => this.place.markAgain());
  }

  setWrap(wrap: boolean): void {
    this.state.setState({ wrap });
    this.fit();
  }

  /** Which services' lines are shown; empty: all. */
  setServices(services: readonly string[]): void {
    this.state.setState({ services });
    this.#options.onServices(services);
    this.#reopen();
    if (this.finder.state.getState().text !== '') this.finder.again();
  }

  /** The fields that occur in what is shown, the most frequent first. */
  fieldNames(): readonly string[] {
    return fieldNames(this.#sheet.lines);
  }

  /** Shows these fields in columns; none: lines as they are. */
  setColumns(names: readonly string[]): void {
    const { columns } = this.state.getState();
    this.#sheet.setColumns(names.map((name) => columns.find((own) => own.name === name) ?? newColumn(name)));
    this.place.markAgain();
  }

  clear(): void {
    this.deselect();
    this.place.forget();
    this.#writeHeld();
    this.#cleared = this.#sheet.clear();
    this.state.setState({ follow: true, cleared: this.#cleared.length > 0, empty: true });
  }

  undoClear(): void {
    this.#sheet.restore(this.#cleared);
    this.#cleared = [];
    this.state.setState({ cleared: false, empty: this.#sheet.size === 0 });
  }

  /** Which lines are shown from now on; those of the past too. */
  setFilter(change: Partial<FilterChoice>): void {
    this.state.setState((state) => ({ filter: { ...state.filter, ...change } }));
    this.#reopen();
    if (this.finder.state.getState().text !== '' && change.only === undefined) this.finder.again();
  }

  clearFilter(): void {
    this.setFilter(NO_FILTER);
  }

  /** Adds a test of a field, or takes it away when it is there. */
  toggleField(test: FieldTest): void {
    const { fields } = this.state.getState().filter;
    const others = fields.filter((own) => JSON.stringify(own) !== JSON.stringify(test));
    this.setFilter({ fields: others.length < fields.length ? others : [...fields, test] });
  }

  /** Marks a line: following stops, and panes beside this one go to its time. */
  select(line: LogLine): void {
    this.place.mark(line, 'nearest');
    this.#options.onInstant(line.time);
  }

  deselect(): void {
    this.#sheet.unmark();
    this.state.setState({ current: undefined, detail: false });
  }

  /** Takes the mark away. Where following stopped for it, or one stands at the end, it goes on. */
  escape(): void {
    const { current } = this.state.getState();
    const goesOn = this.place.stoppedByMark || (this.#gestures.isAtEnd && !this.#sheet.isPlace);
    this.deselect();
    if (current !== undefined && goesOn) this.setFollow(true);
  }

  /** Marks the line before or behind the marked one, or the last one in sight. */
  step(by: -1 | 1): void {
    const next = this.place.beside(by);
    if (next !== undefined) this.select(next);
  }

  setDetail(detail: boolean): void {
    const line = this.state.getState().current ?? this.place.beside(-1);
    if (detail && line === undefined) return;
    if (detail && line !== undefined) this.place.mark(line, 'nearest');
    this.state.setState({ detail });
  }

  askTime(asksTime: boolean): void {
    this.state.setState({ asksTime });
    if (!asksTime) this.focus();
  }

  #newSheet(): LogSheet {
    const { workspace } = this.#options;
    const { server } = this.#model;
    return new LogSheet({
      screen: this.#screen,
      look: () => {
        const { time, wrap } = this.state.getState();
        const run = selectLatestRun(server.getState(), workspace);
        return { time, wrap, bootAt: run?.startedAt };
      },
      numbered: () => numberedServices(selectServices(server.getState(), workspace)),
      sourceWidth: expectedSourceWidth(selectServices(server.getState(), workspace), this.services),
      onColumns: (columns) => this.state.setState({ columns }),
    });
  }

  #newReader(): LogReader {
    return new LogReader({
      connection: this.#model.connection,
      request: () => ({ ...this.question.filtered, tail: TAIL }),
      onLines: (lines, done) => this.#take(lines, done),
      onNote: (text) => this.#write([this.#sheet.note(text)]),
      onPassed: (lines) => this.#passOver(lines),
      onEnd: (error) => this.state.setState({ ended: error ? describeError(error) : 'The log has ended.' }),
    });
  }

  #newFinder(): LogFinder {
    return new LogFinder(this.#model, {
      query: () => ({ ...this.question.query, filter: this.state.getState().filter }),
      onShow: (hit) => void this.place.showLine(hit.id),
      onQuery: () => this.state.getState().filter.only !== 'all' && this.#reopen(),
    });
  }

  /** Another question: everything that was shown goes, and its answer comes. */
  #reopen(): void {
    this.place.forget();
    this.#cleared = [];
    this.#held.take();
    this.#sheet.clear();
    this.state.setState({
      ...{ follow: true, waiting: 0, cleared: false, ended: undefined, empty: true },
      ...{ current: undefined, detail: false },
    });
    this.#reader.restart();
  }

  #newGestures(): LogGestures {
    return new LogGestures({
      screen: this.#screen,
      lineAt: (row) => this.#sheet.lineAt(row),
      prefixWidth: () => this.#sheet.prefixWidth,
      onLine: (line, clicks) => {
        this.select(line);
        if (clicks === 2) this.setDetail(true);
      },
      onView: (move) => this.#followView(move),
      onReach: (end) => this.place.reach(end),
      onKey: (event) => logKeys(this, event),
    });
  }

  /** Scrolls by so many pages; at either end of what is drawn, what is stored further on is fetched. */
  scrollPages(pages: -1 | 1): void {
    this.#screen.terminal.scrollPages(pages);
    this.#gestures.moved(pages);
  }

  /** To the beginning of what is drawn; what is stored before it is fetched. */
  scrollToStart(): void {
    this.#screen.terminal.scrollToTop();
    this.#gestures.moved(-1);
  }

  changeFont(by: -1 | 0 | 1): void {
    changeFont(this.#model.view, by);
  }

  /** Scrolling away stops following, scrolling to the end goes on. One that stands at the end may be paused there. */
  #followView({ atEnd, cameToEnd }: ViewMove): void {
    const { follow, current } = this.state.getState();
    if (follow && !atEnd) this.state.setState({ follow: false });
    if (follow || !cameToEnd || this.#sheet.isPlace || current) return;
    // More than a screen came since: this is the end of what is drawn only, and one would lose one's place.
    if (this.#held.count <= this.#screen.terminal.rows) this.setFollow(true);
  }

  #take(lines: readonly LogLine[], done: () => void): void {
    if (this.state.getState().follow) {
      this.#write(lines, done);
      return;
    }
    this.#held.push(lines);
    this.state.setState({ waiting: this.#held.count });
    done();
  }

  /** Lines came faster than one reads. Behind a place one looks at they are counted only. */
  #passOver(lines: number): void {
    if (this.state.getState().follow) {
      this.#sheet.appendGap(lines);
      return;
    }
    this.#held.passOver(lines);
    this.state.setState({ waiting: this.#held.count });
  }

  #writeHeld(): void {
    const { missing, lines } = this.#held.take();
    this.state.setState({ waiting: 0 });
    if (missing > 0) this.#sheet.appendGap(missing);
    if (lines.length > 0) this.#write(lines);
  }

  /** Somebody wants to read: what went by before their eyes comes from the store. */
  #stopped(): void {
    if (this.#sheet.hasGap && !this.#sheet.isPlace) void this.place.fill();
  }

  #write(lines: readonly LogLine[], done?: () => void): void {
    if (this.state.getState().empty && lines.length > 0) this.state.setState({ empty: false });
    this.#sheet.append(lines, done);
  }
}
