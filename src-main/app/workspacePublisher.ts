import { type RecordKey, recordKey, type StateRecord } from '#contract/model.ts';
import type { RunTracker } from './runTracker.ts';
import type { StateFeed } from './stateFeed.ts';

/** One project's part of the feed: puts what there is now, removes what is there no more. */
export class WorkspacePublisher {
  readonly #feed: StateFeed;
  /** What was put last. Records never change: the same object is the same news. */
  #published: ReadonlyMap<StateRecord, RecordKey> = new Map();

  constructor(feed: StateFeed) {
    this.#feed = feed;
  }

  publish(records: readonly StateRecord[]): void {
    const before = this.#published;
    const now = new Map(records.map((record) => [record, before.get(record) ?? recordKey(record)]));
    const put = records.filter((record) => !before.has(record));
    const keys = new Set(put.map((record) => now.get(record)));
    const remove = [...before].flatMap(([record, key]) => (now.has(record) || keys.has(key) ? [] : [key]));
    this.#published = now;
    this.#feed.update({ put, remove });
  }

  /** Takes everything out of the feed. */
  withdraw(): void {
    this.publish([]);
  }
}

/** A run and its steps. */
export function runRecords(run: RunTracker | undefined): StateRecord[] {
  return run === undefined ? [] : [run.record, ...run.steps];
}
