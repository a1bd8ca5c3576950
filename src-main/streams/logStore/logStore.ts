import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Disposable } from '#base/disposables.ts';
import { Emitter } from '#base/emitter.ts';
import { SequentialQueue } from '#base/sequentialQueue.ts';
import { takeLock, type WriteLock } from '#disk/lock.ts';
import { compareInstants, END_OF_TIME } from './instant.ts';
import { Lane, type LaneHost } from './lane.ts';
import { type LaneKey, laneFolder, parseLaneFolder } from './laneName.ts';
import type { Segment } from './segment.ts';

/** What a project's logs may take on disk. */
export const DEFAULT_BUDGET_BYTES = 512 * 1024 * 1024;
/** Evicting happens by whole segments: each is a small part of the budget. */
const SEGMENTS_PER_BUDGET = 64;
const MIN_SEGMENT_BYTES = 64 * 1024;
const MAX_SEGMENT_BYTES = 8 * 1024 * 1024;
/** How long a line may wait for others to share its block, in milliseconds: part of the way from write to screen. */
const SEAL_AFTER_MS = 8;
/** A writer waits while this much of its lane is not on disk yet. */
const MAX_PENDING_BYTES = 1024 * 1024;
/** When the disk is full: tried again after this long, in milliseconds. */
const RETRY_WRITE_MS = 1000;

export interface LogStoreOptions {
  readonly folder: string;
  readonly budgetBytes?: number | undefined;
  /** Reads only, even when nobody else writes. */
  readonly readOnly?: boolean;
}

/** Something of the store that a reader may care about. */
export type LogStoreChange =
  | { readonly type: 'appended'; readonly lane: Lane }
  | { readonly type: 'laneAdded'; readonly lane: Lane }
  | { readonly type: 'evicted'; readonly lane: Lane; readonly rows: number };

/**
 * A project's log lines on disk, one lane per replica of a service. One process writes; others read what it has written.
 * Safe against a kill at any moment: a block that is not whole is cut off at the next open.
 */
export class LogStore implements Disposable {
  readonly folder: string;
  readonly changes = new Emitter<LogStoreChange>();
  /** Not undefined while lines cannot be written; they are kept in memory as far as the bound goes. */
  writeFailure: Error | undefined;
  readonly #budgetBytes: number;
  readonly #lanes = new Map<string, Lane>();
  readonly #dirty = new Set<Lane>();
  readonly #rolled: Promise<void>[] = [];
  readonly #writers = new Map<Lane, Promise<void>>();
  readonly #host: LaneHost;
  #lock: WriteLock | undefined;
  #isOpen = false;
  #sequence = 0;
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #evicting: Promise<void> | undefined;
  /** Two looks at once at what another process wrote would count it twice. */
  readonly #turns = new SequentialQueue();

  private constructor(
    { folder, budgetBytes = DEFAULT_BUDGET_BYTES }: LogStoreOptions,
    lock: WriteLock | undefined,
  ) {
    this.folder = folder;
    this.#budgetBytes = budgetBytes;
    this.#lock = lock;
    this.#host = {
      folder,
      segmentBytes: Math.min(
        MAX_SEGMENT_BYTES,
        Math.max(MIN_SEGMENT_BYTES, budgetBytes / SEGMENTS_PER_BUDGET),
      ),
      nextSequence: () => ++this.#sequence,
      onDirty: (lane) => this.#onDirty(lane),
      onSealed: (lane, bytes) => this.#onSealed(lane, bytes),
      onRolled: (segment) => this.#onRolled(segment),
    };
  }

  static async open(options: LogStoreOptions): Promise<LogStore> {
    await mkdir(options.folder, { recursive: true });
    const lock = options.readOnly ? undefined : await takeLock(lockOf(options.folder));
    const store = new LogStore(options, lock);
    await store.#load(store.writable);
    return store;
  }

  /** False when another process writes here. */
  get writable(): boolean {
    return this.#lock !== undefined;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** In the order of their names. */
  get lanes(): readonly Lane[] {
    return [...this.#lanes.values()].sort((a, b) =>
      a.key.service < b.key.service ? -1 : a.key.service > b.key.service ? 1 : a.key.number - b.key.number,
    );
  }

  lane(key: LaneKey): Lane {
    const name = laneFolder(key);
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const lane = new Lane(key, this.#host);
    this.#lanes.set(name, lane);
    this.changes.emit({ type: 'laneAdded', lane });
    return lane;
  }

  /** Resolves when the lane may take more: a writer that is faster than the disk waits here. */
  async ready(lane: Lane): Promise<void> {
    while (lane.pendingBytes > MAX_PENDING_BYTES && this.writeFailure === undefined) await this.#write(lane);
    if (this.writeFailure !== undefined && lane.pendingBytes > MAX_PENDING_BYTES) await this.#untilRetried();
  }

  isCongested(lane: Lane): boolean {
    return lane.pendingBytes > MAX_PENDING_BYTES;
  }

  /** Everything appended so far can be read, and has been handed to the operating system. */
  async flush(): Promise<void> {
    this.#sealDirty();
    await Promise.all([...this.#lanes.values()].map((lane) => this.#write(lane)));
    await Promise.all(this.#rolled.splice(0));
    await this.#evicting;
  }

  /** For a reader in a second process: takes in what the writer has added since. */
  refresh(): Promise<void> {
    return this.#turns.run(() => this.#refresh());
  }

  /** For a reader in a second process: writes from now on, if the writer is gone. True when this process writes. */
  takeOver(): Promise<boolean> {
    return this.#turns.run(() => this.#takeOver());
  }

  async #refresh(): Promise<void> {
    if (this.writable) return;
    await this.#load(false);
    for (const lane of this.#lanes.values()) {
      if (await lane.refresh()) this.changes.emit({ type: 'appended', lane });
    }
  }

  async #takeOver(): Promise<boolean> {
    if (this.writable) return true;
    const lock = await takeLock(lockOf(this.folder));
    if (lock === undefined) return false;
    try {
      await this.#load(true);
      for (const lane of this.#lanes.values()) await lane.adopt();
    } catch (thrown) {
      await lock.release();
      throw thrown;
    }
    for (const lane of this.#lanes.values()) this.#count(lane);
    this.#lock = lock;
    for (const lane of this.#lanes.values()) this.changes.emit({ type: 'appended', lane });
    this.#evictSoon();
    return true;
  }

  async dispose(): Promise<void> {
    if (this.writable && this.writeFailure === undefined) await this.flush();
    clearTimeout(this.#timer);
    clearTimeout(this.#retry);
    for (const lane of this.#lanes.values()) await lane.close();
    await this.#lock?.release();
    this.#lock = undefined;
  }

  async #load(repair: boolean): Promise<void> {
    for (const name of (await readdir(this.folder)).sort()) {
      const key = parseLaneFolder(name);
      if (key === undefined || this.#lanes.has(name)) continue;
      const lane = new Lane(key, this.#host);
      await lane.load({ repair });
      this.#lanes.set(name, lane);
      if (this.#isOpen) this.changes.emit({ type: 'laneAdded', lane });
      this.#count(lane);
    }
    this.#isOpen = true;
    if (this.writable) this.#evictSoon();
  }

  #count(lane: Lane): void {
    this.#sequence = Math.max(this.#sequence, lane.maxSequence);
    this.#bytes = [...this.#lanes.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #onDirty(lane: Lane): void {
    this.#dirty.add(lane);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#sealDirty();
    }, SEAL_AFTER_MS);
  }

  #sealDirty(): void {
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    for (const lane of dirty) lane.seal();
  }

  #onSealed(lane: Lane, bytes: number): void {
    this.#bytes += bytes;
    void this.#write(lane);
    this.changes.emit({ type: 'appended', lane });
    this.#evictSoon();
  }

  #onRolled(segment: Segment): void {
    const sealed = segment.seal().catch((thrown) => this.#onWriteFailed(thrown));
    this.#rolled.push(sealed);
    void sealed.then(() => this.#rolled.splice(this.#rolled.indexOf(sealed), 1));
  }

  /** One writer a lane; never rejects: what could not be written stays, and is tried again. */
  #write(lane: Lane): Promise<void> {
    const running = this.#writers.get(lane);
    if (running !== undefined) return running;
    const writing = lane
      .flush()
      .then(() => this.#onWritten())
      .catch((thrown) => this.#onWriteFailed(thrown))
      .finally(() => this.#writers.delete(lane));
    this.#writers.set(lane, writing);
    return writing;
  }

  #onWritten(): void {
    this.writeFailure = undefined;
  }

  #onWriteFailed(thrown: unknown): void {
    this.writeFailure = thrown instanceof Error ? thrown : new Error(String(thrown));
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      for (const lane of this.#lanes.values()) if (lane.pendingBytes > 0) void this.#write(lane);
    }, RETRY_WRITE_MS);
  }

  /** A full disk: the writers wait, so the engine keeps the lines, and they are fetched when there is room again. */
  async #untilRetried(): Promise<void> {
    await new Promise<void>((resolve) => setTimeout(resolve, RETRY_WRITE_MS));
  }

  #evictSoon(): void {
    if (this.#bytes <= this.#budgetBytes || this.#evicting !== undefined) return;
    this.#evicting = this.#evict().finally(() => {
      this.#evicting = undefined;
    });
  }

  async #evict(): Promise<void> {
    while (this.#bytes > this.#budgetBytes) {
      const lane = this.#laneOfOldest() ?? this.#rollLargest();
      const segment = lane?.segments[0];
      if (lane === undefined || segment === undefined) return;
      lane.segments.shift();
      this.#bytes -= segment.bytes;
      this.changes.emit({ type: 'evicted', lane, rows: segment.rows });
      await segment.remove();
    }
  }

  /** The lane whose first segment ended first; live segments do not count. */
  #laneOfOldest(): Lane | undefined {
    let oldest: Lane | undefined;
    let end = END_OF_TIME;
    for (const lane of this.#lanes.values()) {
      const last = lane.segments.length > 1 ? lane.segments[0]?.last : undefined;
      if (last === undefined || compareInstants(last, end) >= 0) continue;
      oldest = lane;
      end = last;
    }
    return oldest;
  }

  /** Many lanes with one small segment each: then the largest of them has to go. */
  #rollLargest(): Lane | undefined {
    const largest = [...this.#lanes.values()].sort((a, b) => b.bytes - a.bytes)[0];
    largest?.roll();
    return largest !== undefined && largest.segments.length > 1 ? largest : undefined;
  }
}

function lockOf(folder: string): string {
  return path.join(folder, 'lock');
}
