import type { StateFrame } from '#contract/frames.ts';
import { type RecordKey, recordKey, type StateRecord } from '#contract/model.ts';

/** How many removed keys are remembered for readers that come back; an older reader gets a snapshot. */
const TOMBSTONE_LIMIT = 5_000;

/** Where a reader was when it went away. */
export interface FeedPosition {
  readonly epoch: string;
  readonly revision: number;
}

/**
 * All records of the core with one revision. Every reader pulls: it gets everything once, then, whenever it asks, what
 * changed since its last frame, merged. So at most one frame per reader is under way, and a slow reader costs nothing.
 */
export class StateFeed {
  readonly epoch: string;
  readonly #records = new Map<RecordKey, StateRecord>();
  /** The revision of each record's last change. Kept in the order of change, newest last. */
  readonly #changed = new Map<RecordKey, number>();
  /** The revision at which a key went. Kept in the order of removal. */
  readonly #removed = new Map<RecordKey, number>();
  /** Before this revision removals are forgotten: patches from there would be wrong. */
  #oldest = 0;
  #revision = 0;
  #waiting = new Set<() => void>();
  #watchers = 0;
  #closed = false;

  constructor(epoch: string) {
    this.epoch = epoch;
  }

  get revision(): number {
    return this.#revision;
  }

  get(key: RecordKey): StateRecord | undefined {
    return this.#records.get(key);
  }

  values(): readonly StateRecord[] {
    return [...this.#records.values()];
  }

  /** How many readers there are. */
  get watchers(): number {
    return this.#watchers;
  }

  /** Puts and removes in one revision. A record that says the same as before is no change. */
  update(change: { readonly put?: readonly StateRecord[]; readonly remove?: readonly RecordKey[] }): void {
    const revision = this.#revision + 1;
    let touched = false;
    for (const key of change.remove ?? []) touched = this.#remove(key, revision) || touched;
    for (const record of change.put ?? []) touched = this.#put(record, revision) || touched;
    if (!touched) return;
    this.#revision = revision;
    this.#forget();
    this.#wake();
  }

  put(...records: readonly StateRecord[]): void {
    this.update({ put: records });
  }

  /** Frames for one reader, until `signal` aborts or the feed closes. */
  async *watch(
    since: FeedPosition | undefined,
    signal?: AbortSignal,
  ): AsyncGenerator<StateFrame, void, void> {
    this.#watchers += 1;
    try {
      let frame = this.#first(since);
      let at = frame?.revision ?? this.#revision;
      if (frame) yield frame;
      while (await this.#changedAfter(at, signal)) {
        frame = at < this.#oldest ? this.#snapshot() : this.#patch(at);
        at = frame.revision;
        yield frame;
      }
    } finally {
      this.#watchers -= 1;
    }
  }

  /** Ends every watch. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  #put(record: StateRecord, revision: number): boolean {
    const key = recordKey(record);
    const before = this.#records.get(key);
    if (before !== undefined && same(before, record)) return false;
    this.#records.set(key, record);
    this.#removed.delete(key);
    this.#changed.delete(key);
    this.#changed.set(key, revision);
    return true;
  }

  #remove(key: RecordKey, revision: number): boolean {
    if (!this.#records.delete(key)) return false;
    this.#changed.delete(key);
    this.#removed.set(key, revision);
    return true;
  }

  #forget(): void {
    for (const [key, revision] of this.#removed) {
      if (this.#removed.size <= TOMBSTONE_LIMIT) return;
      this.#removed.delete(key);
      this.#oldest = revision;
    }
  }

  #first(since: FeedPosition | undefined): StateFrame | undefined {
    const known =
      since !== undefined &&
      since.epoch === this.epoch &&
      since.revision >= this.#oldest &&
      since.revision <= this.#revision;
    if (!known) return this.#snapshot();
    return since.revision < this.#revision ? this.#patch(since.revision) : undefined;
  }

  #snapshot(): StateFrame {
    return { type: 'snapshot', epoch: this.epoch, revision: this.#revision, records: [...this.#records] };
  }

  #patch(since: number): StateFrame {
    const put: (readonly [RecordKey, StateRecord])[] = [];
    for (const key of newerThan(this.#changed, since)) {
      const record = this.#records.get(key);
      if (record !== undefined) put.push([key, record]);
    }
    const removed = newerThan(this.#removed, since);
    return { type: 'patch', epoch: this.epoch, since, revision: this.#revision, put, removed };
  }

  async #changedAfter(revision: number, signal: AbortSignal | undefined): Promise<boolean> {
    while (!this.#closed && !signal?.aborted) {
      if (this.#revision > revision) return true;
      await this.#nextChange(signal);
    }
    return false;
  }

  #nextChange(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

function newerThan(revisions: ReadonlyMap<RecordKey, number>, since: number): RecordKey[] {
  const keys: RecordKey[] = [];
  for (const [key, revision] of revisions) if (revision > since) keys.push(key);
  return keys;
}

/** Plain data; a key without a value is as good as none. Ends at the first difference. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((part, at) => same(part, b[at]))
    );
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const key in left) if (!same(left[key], right[key])) return false;
  for (const key in right) if (right[key] !== undefined && left[key] === undefined) return false;
  return true;
}
