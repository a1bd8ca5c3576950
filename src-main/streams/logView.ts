import type { ByteChannel } from '#base/byteChannel.ts';
import { Disposables } from '#base/disposables.ts';
import { toAppError } from '#contract/errors.ts';
import { type DownControl, type StreamRequest, upControl } from '#contract/streams.ts';
import { Credit } from './credit.ts';
import { LineFilter, spanEnd } from './lineFilter.ts';
import { LineSender } from './lineSender.ts';
import { rowMeta } from './logStore/block.ts';
import { compareInstants, fromMs, type Instant } from './logStore/instant.ts';
import type { Lane } from './logStore/lane.ts';
import type { CursorStart, LaneCursor } from './logStore/laneCursor.ts';
import { parseLineId } from './logStore/lineId.ts';
import type { LogStore } from './logStore/logStore.ts';
import { MergedReader } from './logStore/mergedReader.ts';
import { FLAG_MORE, KIND_MARKER, KIND_MASK, kindName, levelOf, ROW_WORDS } from './logStore/rows.ts';
import { rowText, wholeLine } from './logStore/wholeLine.ts';
import { markerText } from './markers.ts';
import { tailStarts } from './tail.ts';
import type { WireLine } from './wireBatch.ts';

export type LogsRequest = Extract<StreamRequest, { readonly type: 'logs' }>;

/** A longer line is sent folded: its head only, the rest on demand. */
const FOLD_OVER_BYTES = 64 * 1024;
const FOLDED_HEAD_BYTES = 16 * 1024;
/** How long a view may work before others get their turn, in milliseconds. */
const SLICE_MS = 5;
/** A long line whose end does not come is shown folded after this time, in milliseconds. */
const OPEN_LINE_MS = 250;

export interface LogViewOptions {
  readonly store: LogStore;
  readonly request: LogsRequest;
  readonly channel: ByteChannel;
  /** For `onlyNew`: has no good boot shown this line's template? */
  readonly isNew?: ((line: Buffer) => boolean) | undefined;
}

/**
 * Serves a `logs` stream: the past in the order of time, then `live`, then what comes. The store is the buffer: a reader
 * that is slow reads at its own pace and misses nothing but what was evicted (`skipped`). Resolves when the channel closes
 * or, without `follow`, when everything was sent.
 */
export async function serveLogs(options: LogViewOptions): Promise<void> {
  let view: LogView | undefined;
  try {
    view = new LogView(options);
    await view.run();
    options.channel.control({ type: 'end' } satisfies DownControl);
  } catch (thrown) {
    options.channel.control({ type: 'end', error: toAppError(thrown) } satisfies DownControl);
  } finally {
    await view?.dispose();
    options.channel.close();
  }
}

class LogView {
  readonly #store: LogStore;
  readonly #request: LogsRequest;
  readonly #channel: ByteChannel;
  readonly #filter: LineFilter;
  readonly #isNew: ((line: Buffer) => boolean) | undefined;
  readonly #until: Instant | undefined;
  readonly #credit = new Credit();
  readonly #sender: LineSender;
  readonly #disposables = new Disposables();
  #reader: MergedReader | undefined;
  #closed = false;
  #changed = true;
  #wake: (() => void) | undefined;
  /** Lanes whose next line is long and not complete yet, and since when. */
  readonly #openLines = new Map<LaneCursor, number>();

  constructor({ store, request, channel, isNew }: LogViewOptions) {
    this.#store = store;
    this.#request = request;
    this.#channel = channel;
    this.#isNew = isNew;
    this.#filter = new LineFilter(request.filter ?? {}, isNew);
    this.#until = spanEnd(request);
    this.#sender = new LineSender({ channel, credit: this.#credit });
    this.#disposables.add(channel.onClose(() => this.#onClose()));
    this.#disposables.add(channel.onControl((message) => this.#onControl(message)));
    this.#disposables.add(store.changes.on((change) => this.#onChange(change)));
  }

  async run(): Promise<void> {
    const lanes = this.#store.lanes.filter((lane) => this.#isWanted(lane));
    const starts = await this.#starts(lanes);
    this.#reader = new MergedReader(lanes, (lane) => starts.get(lane) ?? { type: 'end' });
    for (const lane of this.#store.lanes) {
      if (!lanes.includes(lane) && this.#isWanted(lane)) this.#reader.add(lane, { type: 'first' });
    }
    const { follow, keepsUp, after } = this.#request;
    // A reader that comes back may have missed more than it wants; one that is new has said how much it wants.
    if (keepsUp && after !== undefined) this.#sender.keepUp();
    await this.#sendAvailable();
    if (!follow || this.#closed) return;
    this.#control({ type: 'live' });
    if (keepsUp) this.#sender.keepUp();
    while (!this.#closed) {
      await this.#untilChanged();
      await this.#rest();
      await this.#sendAvailable();
    }
  }

  dispose(): Promise<void> {
    return this.#disposables.dispose();
  }

  #isWanted(lane: Lane): boolean {
    const { services } = this.#request;
    return services.length === 0 || lane.key.service === '' || services.includes(lane.key.service);
  }

  async #starts(lanes: readonly Lane[]): Promise<Map<Lane, CursorStart>> {
    const { after, sinceMs, tail } = this.#request;
    const position = after === undefined ? undefined : parseLineId(after);
    if (position !== undefined) return new Map(lanes.map((lane) => [lane, { type: 'after', position }]));
    const since = sinceMs === undefined ? undefined : { ...fromMs(sinceMs), block: 0, row: 0 };
    // With a filter of its own: this one remembers heads of stack traces, and the tail is searched backward.
    const filter = new LineFilter(this.#request.filter ?? {}, this.#isNew);
    return tailStarts(lanes, { lines: tail, since, until: this.#until, filter });
  }

  async #sendAvailable(): Promise<void> {
    const reader = this.#reader;
    if (reader === undefined) return;
    let sliceEnd = performance.now() + SLICE_MS;
    this.#sender.begin();
    while (!this.#closed) {
      const cursor = reader.pick();
      if (cursor === undefined) {
        if (!(await this.#loadMore(reader))) break;
        continue;
      }
      if (!this.#skipsBlock(cursor) && !(await this.#sendLine(cursor))) break;
      if (performance.now() < sliceEnd) continue;
      await this.#sender.flush(); // what a long search has found so far
      await new Promise(setImmediate);
      sliceEnd = performance.now() + SLICE_MS;
    }
    await this.#sender.finish();
  }

  async #loadMore(reader: MergedReader): Promise<boolean> {
    const more = await reader.load();
    if (reader.takeLost() > 0) this.#control({ type: 'skipped' });
    return more;
  }

  /** Passes over a block in which nothing can match. */
  #skipsBlock(cursor: LaneCursor): boolean {
    if (cursor.block === undefined || cursor.row > 0 || this.#filter.mayPassBlock(cursor.block)) return false;
    cursor.skipBlock();
    return true;
  }

  /** Sends the line under the cursor, if it is wanted, and goes on. False when it is not complete yet. */
  async #sendLine(cursor: LaneCursor): Promise<boolean> {
    const { block, row } = cursor;
    if (block === undefined) return true;
    const meta = rowMeta(block, row);
    let text = rowText(cursor);
    let isFolded = false;
    if ((meta & FLAG_MORE) !== 0) {
      const whole = await wholeLine(cursor, FOLD_OVER_BYTES);
      if (whole.type === 'open' && this.#waitsForEnd(cursor)) return false;
      isFolded = whole.type !== 'whole';
      text = whole.bytes;
    }
    this.#openLines.delete(cursor);
    if (this.#passes(cursor, meta, text))
      await this.#sender.send(this.#wireLine(cursor, meta, text, isFolded));
    cursor.advance();
    return true;
  }

  #passes(cursor: LaneCursor, meta: number, text: Buffer): boolean {
    if (this.#until !== undefined && compareInstants(cursor, this.#until) > 0) return false;
    return this.#filter.passes(cursor.lane.source, meta, text);
  }

  #wireLine(cursor: LaneCursor, meta: number, text: Buffer, isFolded: boolean): WireLine {
    const { block, row } = cursor;
    const isMarker = (meta & KIND_MASK) === KIND_MARKER;
    const secs = block?.table[row * ROW_WORDS + 1] ?? 0;
    const nanos = block?.table[row * ROW_WORDS + 2] ?? 0;
    return {
      position: cursor.position,
      timeMs: secs * 1000 + nanos / 1_000_000,
      kind: isFolded ? 'folded' : kindName(meta),
      level: levelOf(meta),
      source: cursor.lane.sourceBytes,
      text: isMarker ? markerText(text) : isFolded ? text.subarray(0, FOLDED_HEAD_BYTES) : text,
    };
  }

  /** Its end will come soon, if the container still writes; a container that was killed in the middle never ends it. */
  #waitsForEnd(cursor: LaneCursor): boolean {
    if (!this.#request.follow) return false;
    const since = this.#openLines.get(cursor) ?? performance.now();
    if (performance.now() - since >= OPEN_LINE_MS) return false;
    if (!this.#openLines.has(cursor)) setTimeout(() => this.#notify(), OPEN_LINE_MS + 1).unref();
    this.#openLines.set(cursor, since);
    return true;
  }

  async #rest(): Promise<void> {
    const ms = this.#sender.restMs;
    if (ms > 0 && !this.#closed) await new Promise((resolve) => setTimeout(resolve, ms));
    this.#changed = false; // what came meanwhile is read now
  }

  async #untilChanged(): Promise<void> {
    if (!this.#changed && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#changed = false;
  }

  #notify(): void {
    this.#changed = true;
    this.#wake?.();
    this.#wake = undefined;
  }

  #onChange(change: { readonly type: string; readonly lane: Lane }): void {
    if (change.type === 'laneAdded' && this.#reader !== undefined && this.#isWanted(change.lane)) {
      this.#reader.add(change.lane, { type: 'first' });
    }
    if (change.type === 'appended' && this.#isWanted(change.lane)) this.#notify();
  }

  #onControl(message: unknown): void {
    const parsed = upControl.safeParse(message);
    if (!parsed.success) return;
    switch (parsed.data.type) {
      case 'ack':
        this.#credit.acknowledge(parsed.data.bytes);
        break;
      case 'pause':
        this.#credit.pause();
        break;
      case 'resume':
        this.#credit.resume();
        break;
      case 'end':
        this.#onClose();
        break;
      case 'resize': // for terminals
    }
  }

  #onClose(): void {
    this.#closed = true;
    this.#sender.close();
    this.#credit.close();
    this.#notify();
  }

  #control(message: DownControl): void {
    this.#channel.control(message);
  }
}
