import { createStore, type StoreApi } from 'zustand/vanilla';
import { Disposables } from '#base/disposables.ts';
import type { ByteStream } from '#client/connection.ts';
import { describeError } from '#contract/describe.ts';
import type { AppError } from '#contract/errors.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import { decodeLogBatch, type LogLine } from '#contract/logBatch.ts';
import type { LogFacts } from '#contract/requests/logs.ts';
import type { DownControl, LogFilter } from '#contract/streams.ts';
import { attempt, openLink } from '#state/actions.ts';
import { selectLatestRun, selectServices } from '#state/selectors.ts';
import { saveDownload } from '#state/transfers.ts';
import type { WindowModel } from '#state/windowModel.ts';
import { isPressed } from '#ui/keys.ts';
import { copyWithoutPrefixes } from './copyText.ts';
import { KeptLines } from './keptLines.ts';
import { formatLines, type LineLook, prefixWidth, type TimeShown } from './lineFormat.ts';
import { type FilterChoice, NO_FILTER, streamFilter } from './logFilters.ts';
import { LogFinder } from './logFinder.ts';
import type { Pane } from './pane.ts';
import { Screen } from './screen.ts';
import { sourceColours } from './sourceColours.ts';
import { searchColours } from './terminalTheme.ts';

/** What the toolbar of a log pane shows. */
export interface LogPaneState {
  readonly follow: boolean;
  /** Lines that came while it did not follow. */
  readonly waiting: number;
  readonly time: TimeShown;
  readonly wrap: boolean;
  readonly filter: FilterChoice;
  /** Something was cleared and can be brought back. */
  readonly cleared: boolean;
  /** Why no more lines come. */
  readonly ended: string | undefined;
  readonly empty: boolean;
}

/** About what one scrolls back through; the store keeps the rest. */
const LINES_KEPT = 10_000;
const BYTES_KEPT = 8 * 1024 * 1024;
/** Lines asked for when a pane opens. */
const TAIL = 1000;
/** A pane that does not wrap is never wider: longer lines are wrapped there. */
const COLUMNS_MAX = 400;
const SOURCE_WIDTH_MAX = 20;

/** Lines shown before and behind a match. */
const AROUND = 400;

interface PlaceLines {
  readonly before: readonly LogLine[];
  /** The line that is shown, and what comes behind it. */
  readonly from: readonly LogLine[];
}

/** The logs of some services, or of all, in a terminal that takes no input. */
export class LogPane implements Pane {
  readonly state: StoreApi<LogPaneState> = createStore<LogPaneState>(() => ({
    follow: true,
    waiting: 0,
    time: 'absolute',
    wrap: false,
    filter: NO_FILTER,
    cleared: false,
    ended: undefined,
    empty: true,
  }));
  /** The search over everything stored of these services. */
  readonly finder: LogFinder;
  readonly #model: WindowModel;
  readonly #workspace: WorkspaceId;
  readonly #services: readonly string[];
  readonly #screen: Screen;
  readonly #disposables = new Disposables();
  readonly #kept = new KeptLines({ lines: LINES_KEPT, bytes: BYTES_KEPT });
  readonly #held = new KeptLines({ lines: LINES_KEPT, bytes: BYTES_KEPT });
  readonly #colourOf = sourceColours();
  #cleared: readonly LogLine[] = [];
  /** Lines of the past that are shown instead of what comes, around one of them. */
  #place: PlaceLines | undefined;
  /** Listeners of the stream that is open. */
  #heard = new Disposables();
  #stream: ByteStream | undefined;
  #lastId: string | undefined;
  #sourceWidth: number;
  #longest = 0;

  constructor(model: WindowModel, options: { workspace: WorkspaceId; services: readonly string[] }) {
    this.#model = model;
    this.#workspace = options.workspace;
    this.#services = options.services;
    this.#sourceWidth = this.#expectedSourceWidth();
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
    });
    this.finder = new LogFinder(model, {
      ...options,
      filter: () => this.state.getState().filter,
      onShow: (hit) => void this.#showPlace(hit),
      onQuery: () => this.state.getState().filter.only !== 'all' && this.#reopen(),
    });
    this.#listen();
  }

  get element(): HTMLElement {
    return this.#screen.element;
  }

  async show(parent: HTMLElement): Promise<void> {
    await this.#screen.show(parent);
    this.fit();
    if (this.#stream) this.#stream.control({ type: 'resume' });
    else this.#open();
  }

  hide(): void {
    this.#screen.hide();
    this.#stream?.control({ type: 'pause' });
  }

  fit(): void {
    this.#screen.fit(this.state.getState().wrap ? 0 : this.#longest);
  }

  focus(): void {
    this.#screen.terminal.focus();
  }

  dispose(): void {
    this.finder.dispose();
    this.#stream?.close();
    void this.#heard.dispose();
    void this.#disposables.dispose();
    this.#screen.dispose();
  }

  /** Jumps to the end and stays there, or stays where it is. */
  setFollow(follow: boolean): void {
    this.state.setState({ follow });
    if (!follow) return;
    if (this.#place !== undefined) this.#leavePlace();
    this.#writeHeld();
    this.#screen.terminal.scrollToBottom();
  }

  setTime(time: TimeShown): void {
    this.state.setState({ time });
    this.#redraw();
  }

  setWrap(wrap: boolean): void {
    this.state.setState({ wrap });
    this.fit();
  }

  clear(): void {
    this.#place = undefined;
    this.#writeHeld();
    this.#cleared = this.#kept.take();
    this.#screen.terminal.reset();
    this.state.setState({ cleared: this.#cleared.length > 0, empty: true });
  }

  undoClear(): void {
    const since = this.#kept.take();
    this.#kept.push([...this.#cleared, ...since]);
    this.#cleared = [];
    this.state.setState({ cleared: false, empty: this.#kept.size === 0 });
    this.#redraw();
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

  facts(signal: AbortSignal): Promise<LogFacts> {
    return this.#model.client.logs.facts({ workspace: this.#workspace }, { signal });
  }

  /** Saves everything stored that the filter lets through, not only what is on screen. */
  export(format: 'text' | 'jsonLines'): void {
    const { logs } = this.#model.client;
    const query = { workspace: this.#workspace, services: [...this.#services], ...this.#filter() };
    const saved = logs.export({ ...query, format }).then((download) => saveDownload(this.#model, download));
    void attempt(this.#model, 'The export', saved);
  }

  #filter(): { filter?: LogFilter } {
    const filter = streamFilter(this.finder.state.getState(), this.state.getState().filter);
    return filter === undefined ? {} : { filter };
  }

  /** Another question: everything that was shown goes, and its answer comes. */
  #reopen(): void {
    this.#stream?.close();
    this.#place = undefined;
    this.#lastId = undefined;
    this.#cleared = [];
    this.#kept.take();
    this.#held.take();
    this.#screen.terminal.reset();
    this.state.setState({ follow: true, waiting: 0, cleared: false, ended: undefined, empty: true });
    this.#open();
  }

  /** Shows a stored line among its neighbours, whatever the filter says of those. */
  async #showPlace(line: { readonly id: string }): Promise<void> {
    const query = { workspace: this.#workspace, services: [...this.#services], line: line.id };
    const asked = this.#model.client.logs.around({ ...query, before: AROUND, after: AROUND });
    const found = await attempt(this.#model, 'Showing the match', asked);
    if (found === undefined || this.finder.state.getState().at !== line.id) return;
    const encoder = new TextEncoder();
    const lines = found.lines.map(
      (entry): LogLine => ({ ...entry, time: entry.timeMs, text: encoder.encode(entry.text) }),
    );
    const at = lines.findIndex(({ id }) => id === line.id);
    if (at < 0) return;
    this.#place = { before: lines.slice(0, at), from: lines.slice(at) };
    this.state.setState({ follow: false, empty: false });
    this.#grow(lines);
    this.#redraw();
  }

  #leavePlace(): void {
    this.#place = undefined;
    this.#redraw();
  }

  #drawPlace({ before, from }: PlaceLines, done?: () => void): void {
    const { terminal } = this.#screen;
    terminal.write(formatLines(before, this.#look()), () => {
      const marker = terminal.registerMarker(0);
      const look = this.#look();
      terminal.write(formatLines(from, look), () => {
        terminal.scrollToLine(Math.max(0, marker.line - Math.floor(terminal.rows / 3)));
        const backgroundColor = searchColours().matchBackground;
        terminal.registerDecoration({ marker, width: terminal.cols, backgroundColor, layer: 'bottom' });
        done?.();
      });
    });
  }

  #listen(): void {
    const { terminal } = this.#screen;
    this.#disposables.add(terminal.onScroll(() => this.#followView()));
    const look = () => requestAnimationFrame(() => this.#followView());
    for (const type of ['wheel', 'pointerup', 'keyup'])
      this.element.addEventListener(type, look, { passive: true });
    this.element.addEventListener('copy', (event) => this.#copy(event), true);
    terminal.attachCustomKeyEventHandler((event) => this.#onKey(event));
  }

  #onKey(event: KeyboardEvent): boolean {
    if (event.type !== 'keydown') return true;
    if (isPressed(event, 'mod+f')) {
      event.preventDefault();
      this.finder.open();
    } else if (event.key === 'End') this.setFollow(true);
    else if (event.key === 'Home') this.#screen.terminal.scrollToTop();
    else return !isPressed(event, 'mod+c'); // left to the browser, whose copy event comes to us
    return false;
  }

  #copy(event: ClipboardEvent): void {
    const { terminal } = this.#screen;
    if (!terminal.hasSelection() || !event.clipboardData) return;
    event.clipboardData.setData('text/plain', copyWithoutPrefixes(terminal, prefixWidth(this.#look())));
    event.preventDefault();
    event.stopPropagation();
  }

  /** Scrolling away stops following, scrolling to the end goes on. */
  #followView(): void {
    const { viewportY, baseY } = this.#screen.terminal.buffer.active;
    const atEnd = viewportY >= baseY;
    if (atEnd === this.state.getState().follow) return;
    if (atEnd && (this.#held.size > 0 || this.#place !== undefined)) return; // the end of what is written, not of what came: `follow` goes on
    this.state.setState({ follow: atEnd });
  }

  #open(): void {
    const stream = this.#model.connection.openStream(() => ({
      type: 'logs',
      workspace: this.#workspace,
      services: [...this.#services],
      tail: TAIL,
      ...this.#filter(),
      ...(this.#lastId === undefined ? {} : { after: this.#lastId }),
    }));
    this.#stream = stream;
    void this.#heard.dispose();
    this.#heard = new Disposables();
    this.#heard.add(stream.onData((bytes) => this.#take(stream, bytes)));
    this.#heard.add(stream.onControl((message) => this.#onControl(message)));
    this.#heard.add(stream.onEnd((error) => this.#onEnd(error)));
  }

  #take(stream: ByteStream, bytes: Uint8Array): void {
    const lines = decodeLogBatch(bytes);
    this.#lastId = lines.at(-1)?.id ?? this.#lastId;
    if (this.state.getState().follow) {
      this.#write(lines, () => stream.ack(bytes.byteLength));
      return;
    }
    this.#held.push(lines);
    this.state.setState({ waiting: this.#held.size + this.#held.dropped });
    stream.ack(bytes.byteLength);
  }

  #onControl(message: DownControl): void {
    if (message.type === 'note') this.#note(message.text);
    if (message.type === 'skipped' && message.lines) this.#note(`${message.lines} lines were left out`);
  }

  #onEnd(error: AppError | undefined): void {
    this.#stream = undefined;
    this.state.setState({ ended: error ? describeError(error) : 'The log has ended.' });
  }

  #writeHeld(): void {
    const { dropped } = this.#held;
    const lines = this.#held.take();
    this.state.setState({ waiting: 0 });
    if (dropped > 0) this.#note(`${dropped} lines came too fast to be kept here`);
    if (lines.length > 0) this.#write(lines);
  }

  /** A line of ours among theirs. */
  #note(text: string): void {
    const time = this.#kept.all().at(-1)?.time ?? Date.now();
    const bytes = new TextEncoder().encode(text);
    this.#write([{ id: '', time, kind: 'marker', level: 'none', source: '', text: bytes }]);
  }

  #write(lines: readonly LogLine[], done?: () => void): void {
    this.#kept.push(lines);
    if (this.state.getState().empty && lines.length > 0) this.state.setState({ empty: false });
    if (this.#place !== undefined) done?.();
    else if (this.#grow(lines)) this.#redraw(done);
    else this.#screen.terminal.write(formatLines(lines, this.#look()), done);
  }

  /** Makes room for longer names and lines. True when what is drawn already has to be drawn again. */
  #grow(lines: readonly LogLine[]): boolean {
    const before = this.#sourceWidth;
    let longest = 0;
    for (const line of lines) {
      longest = Math.max(longest, line.text.length);
      this.#sourceWidth = Math.max(this.#sourceWidth, Math.min(SOURCE_WIDTH_MAX, line.source.length));
    }
    const wanted = Math.min(COLUMNS_MAX, longest + prefixWidth(this.#look()) + 1);
    if (wanted > this.#longest) {
      // In steps: every change of the width makes the terminal lay its lines out again.
      this.#longest = Math.min(COLUMNS_MAX, Math.ceil(wanted / 50) * 50);
      if (!this.state.getState().wrap) this.fit();
    }
    return this.#sourceWidth > before && this.#kept.size > lines.length;
  }

  #redraw(done?: () => void): void {
    this.#screen.terminal.reset();
    if (this.#place !== undefined) this.#drawPlace(this.#place, done);
    else this.#screen.terminal.write(formatLines(this.#kept.all(), this.#look()), done);
  }

  #look(): LineLook {
    const { time } = this.state.getState();
    return {
      time,
      bootAt: selectLatestRun(this.#model.server.getState(), this.#workspace)?.startedAt,
      sourceWidth: this.#services.length === 1 && this.#sourceWidth === 0 ? 0 : this.#sourceWidth,
      colourOf: this.#colourOf,
      columns: this.#screen.fittingColumns,
    };
  }

  #expectedSourceWidth(): number {
    const services = selectServices(this.#model.server.getState(), this.#workspace);
    const named = services.filter(
      (service) => this.#services.length === 0 || this.#services.includes(service.name),
    );
    const widths = named.map((service) => service.name.length + (service.wantedReplicas > 1 ? 2 : 0));
    return Math.min(SOURCE_WIDTH_MAX, Math.max(4, ...widths));
  }
}
