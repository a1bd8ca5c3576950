import { type RecordKey, recordKey, type StateRecord } from '#contract/model.ts';
import type { RunTracker } from './runTracker.ts';
import type { StateFeed } from './stateFeed.ts';

/** One project's part of the feed: puts what there is now, removes what is there no more. */
export class WorkspacePublisher {
  readonly #feed: StateFeed;
  #published = new Set<RecordKey>();

  constructor(feed: StateFeed) {
    this.#feed = feed;
  }

  publish(records: readonly StateRecord[]): void {
    const keys = new Set(records.map((record) => recordKey(record)));
    const remove = [...this.#published].filter((key) => !keys.has(key));
    this.#published = keys;
    this.#feed.update({ put: records, remove });
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
