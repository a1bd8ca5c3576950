import type { Clock } from '#base/clock.ts';
import { isKind, toAppError } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { ContainerState } from '#engine/containers.ts';
import type { Engine } from '#engine/engine.ts';
import { appendText } from './logStore/appendText.ts';
import { MAX_PIECE_BYTES } from './logStore/blockBuilder.ts';
import type { ContainerEntry } from './logStore/containerEntry.ts';
import { fromMs, toEngineTime } from './logStore/instant.ts';
import type { Lane } from './logStore/lane.ts';
import { LogParser } from './logStore/logParser.ts';
import type { LogStore } from './logStore/logStore.ts';
import { KIND_MASK } from './logStore/rows.ts';
import { encodeMarker, type LogMarker } from './markers.ts';
import { resumePoint } from './resume.ts';

/** A container whose lines are wanted. */
export interface LogContainer {
  readonly id: ContainerId;
  readonly service: string;
  readonly number: number;
  readonly tty: boolean;
  readonly logDriver: string;
  readonly state: ContainerState;
  /** Milliseconds; tells one run of a container from the next when it was never seen running. */
  readonly startedAt?: number | undefined;
}

export interface LogFeedDeps {
  readonly engine: Engine;
  readonly store: LogStore;
  readonly clock: Clock;
}

/** Between two tries at an engine that does not answer: doubled each time, in milliseconds. */
const FIRST_DELAY_MS = 100;
const LAST_DELAY_MS = 5000;
/** How long the news of a container's end may take after the end of its output: the engine takes down its network between. */
const NEWS_MS = 1000;
/** So long after the end of a container that was followed its output is read once more, where it was not removed meanwhile. */
const ONCE_MORE_MS = 5_000;

/**
 * `ended`: the container was followed to its end, whose news is on the way. `endedSilent`: without a line, and if it lives on, the
 * stream would be opened again and again.
 */
type ReadOutcome = 'read' | 'ended' | 'endedSilent' | 'failed' | 'over';

function isInVain(outcome: ReadOutcome): boolean {
  return outcome === 'failed' || outcome === 'endedSilent';
}

/** Reads one container's lines into the store for as long as it exists. */
export class LogFeed {
  readonly #deps: LogFeedDeps;
  readonly #lane: Lane;
  readonly #entry: ContainerEntry;
  readonly #abort = new AbortController();
  readonly done: Promise<void>;
  #container: LogContainer;
  #gone = false;
  /** Nothing more is read: it cannot be, or it was left. */
  #over = false;
  #reading = false;
  /** The run of the container that has been read to its end. */
  #readToEnd: string | undefined;
  /** The run that was followed until its output ended. */
  #followed: string | undefined;
  #wake: (() => void) | undefined;
  #markers: { readonly marker: LogMarker; readonly atMs: number }[] = [];

  constructor(container: LogContainer, deps: LogFeedDeps) {
    this.#container = container;
    this.#deps = deps;
    this.#lane = deps.store.lane({ service: container.service, number: container.number });
    this.#entry = this.#lane.container(container.id);
    this.done = this.#run().finally(() => {
      this.#over = true;
      this.#flushMarkers();
    });
  }

  update(container: LogContainer): void {
    const { state, startedAt } = this.#container;
    this.#container = container;
    // Every container of a project is told of when one of them changes: of the others there is no news.
    if (container.state !== state || container.startedAt !== startedAt) this.#notify();
  }

  /** The container was removed: what the engine still sends is read, then it is over. */
  leave(): void {
    this.#gone = true;
    this.#notify();
  }

  /** Ends at once. */
  async stop(): Promise<void> {
    this.#gone = true;
    this.#abort.abort();
    this.#notify();
    await this.done;
  }

  /** A line of ours among the container's: its end behind what it wrote before, where that is being read or still to be read. */
  mark(marker: LogMarker, atMs: number): void {
    const isToRead = this.#isDue() && !this.#isOnceMore();
    if (marker.type === 'exited' && !this.#over && (this.#reading || isToRead)) {
      this.#markers.push({ marker, atMs });
      return;
    }
    // It runs again, and the reading may go on over the restart: the end comes first all the same.
    this.#flushMarkers();
    this.#lane.appendMarker(encodeMarker(marker), fromMs(atMs));
  }

  /** Nothing is being read and nothing is due. */
  get isIdle(): boolean {
    return this.#over || (!this.#reading && (this.#gone || !this.#isDue()));
  }

  async #run(): Promise<void> {
    if (this.#container.logDriver === 'none') return this.#noteUnreadable();
    let delay = FIRST_DELAY_MS;
    while (!this.#abort.signal.aborted) {
      if (this.#gone && !this.#isDue()) return;
      if (await this.#hasWaited()) continue;
      const outcome = await this.#read();
      if (outcome === 'over') return;
      await this.#untilNextRead(outcome, delay);
      delay = isInVain(outcome) ? Math.min(delay * 2, LAST_DELAY_MS) : FIRST_DELAY_MS;
    }
  }

  /** False where something is to be read now; else returns when something has changed, or its time has come. */
  async #hasWaited(): Promise<boolean> {
    if (!this.#isDue()) await this.#untilNotified();
    else if (this.#isOnceMore()) {
      await this.#untilToldWhy(ONCE_MORE_MS);
      if (!this.#gone) this.#followed = undefined;
    } else return false;
    return true;
  }

  async #untilNextRead(outcome: ReadOutcome, delay: number): Promise<void> {
    if (outcome === 'failed') await this.#pause(delay);
    if (outcome === 'ended') await this.#untilToldWhy(NEWS_MS);
    if (outcome === 'endedSilent') await this.#untilToldWhy(Math.max(NEWS_MS, delay));
  }

  #isDue(): boolean {
    const { state } = this.#container;
    if (state === 'created') return false;
    if (isAlive(state)) return !this.#gone;
    // What is being removed does not answer any more; what was followed to its end has said it all.
    return this.#readToEnd !== this.#runKey() && !(this.#gone && this.#isOnceMore());
  }

  #isOnceMore(): boolean {
    return !isAlive(this.#container.state) && this.#followed === this.#runKey();
  }

  #runKey(): string {
    return `${this.#container.startedAt ?? ''}`;
  }

  async #read(): Promise<ReadOutcome> {
    const follow = isAlive(this.#container.state) && !this.#gone;
    const key = this.#runKey();
    this.#reading = true;
    try {
      const lines = await this.#pump(follow);
      this.#readToEnd = follow ? undefined : key;
      if (follow) this.#followed = key;
      const isNewsToCome = isAlive(this.#container.state) && !this.#gone && this.#runKey() === key;
      if (!follow || !isNewsToCome) return 'read';
      return lines === 0 ? 'endedSilent' : 'ended';
    } catch (thrown) {
      return this.#onFailure(thrown, key);
    } finally {
      this.#reading = false;
      this.#flushMarkers();
    }
  }

  #onFailure(thrown: unknown, key: string): 'failed' | 'over' {
    if (isKind(thrown, 'cancelled', 'engine.notFound')) return 'over';
    if (
      isKind(thrown, 'engine.failed') &&
      !thrown.error.transient &&
      thrown.error.status === NOT_IMPLEMENTED
    ) {
      this.#noteUnreadable();
      return 'over';
    }
    if (!isKind(thrown, 'engine.unreachable', 'engine.failed', 'engine.conflict', 'engine.denied')) {
      // Nobody waits for a feed: what stopped it is said where its lines are missing.
      this.#note({
        type: 'note',
        text: `reading this container's logs failed: ${toAppError(thrown).message}`,
      });
      return 'over';
    }
    if (this.#gone) return 'over';
    if (this.#readToEnd === key) this.#readToEnd = undefined;
    return 'failed';
  }

  /** Returns how many lines were new. */
  async #pump(follow: boolean): Promise<number> {
    const { engine, store } = this.#deps;
    const { signal } = this.#abort;
    const resume = await resumePoint(this.#lane, this.#entry);
    const since = resume.since === undefined ? undefined : toEngineTime(resume.since);
    const source = await engine.openLogs(this.#container.id, { follow, since, timestamps: true, signal });
    const lane = this.#lane;
    const entry = this.#entry;
    let lines = 0;
    const sink = {
      line(
        meta: number,
        secs: number,
        nanos: number,
        bytes: Buffer,
        start: number,
        end: number,
        more: boolean,
      ) {
        if (resume.isKnown(secs, nanos)) return;
        lines++;
        if (more || end - start > MAX_PIECE_BYTES || entry.isOpen(meta & KIND_MASK)) {
          appendText(lane, entry, { meta, secs, nanos, source: bytes, start, end, more });
        } else lane.append(entry, meta, secs, nanos, bytes, start, end);
      },
    };
    const parser = new LogParser({ tty: this.#container.tty, sink });
    try {
      for await (const chunk of source) {
        parser.push(chunk);
        if (store.isCongested(lane)) await store.ready(lane);
      }
      parser.end();
    } finally {
      source.close();
    }
    return lines;
  }

  /** Said once a container, however often the app starts. */
  #noteUnreadable(): void {
    if (this.#entry.last === undefined) this.#note({ type: 'unreadable', driver: this.#container.logDriver });
  }

  #note(marker: LogMarker): void {
    const at = fromMs(this.#deps.clock.now());
    if (marker.type === 'unreadable') this.#entry.note(at.secs, at.nanos, 0);
    this.#lane.appendMarker(encodeMarker(marker), at, marker.type === 'unreadable' ? this.#entry : undefined);
  }

  #flushMarkers(): void {
    for (const { marker, atMs } of this.#markers.splice(0)) {
      this.#lane.appendMarker(encodeMarker(marker), fromMs(atMs));
    }
  }

  async #pause(ms: number): Promise<void> {
    await this.#deps.clock.sleep(ms, this.#abort.signal).catch(() => undefined); // aborted: the loop sees it
  }

  /** To open it again before that would be to ask the engine for nothing, hundreds of times when a stack goes down. */
  async #untilToldWhy(ms: number): Promise<void> {
    await Promise.race([this.#untilNotified(), this.#pause(ms)]);
  }

  #untilNotified(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

/** What the engine answers for a log driver that cannot be read. */
const NOT_IMPLEMENTED = 501;

function isAlive(state: ContainerState): boolean {
  return state === 'running' || state === 'paused' || state === 'restarting';
}
