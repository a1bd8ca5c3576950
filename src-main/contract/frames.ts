import type { RecordKey, StateRecord } from './model.ts';

/**
 * What the state feed sends: everything once, then what changed. `epoch` is new with every start of the core; a reader
 * that comes back with the same epoch and a revision the core still knows gets patches, any other a snapshot.
 */
export type StateFrame =
  | {
      readonly type: 'snapshot';
      readonly epoch: string;
      readonly revision: number;
      readonly records: readonly (readonly [RecordKey, StateRecord])[];
    }
  | {
      readonly type: 'patch';
      readonly epoch: string;
      readonly since: number;
      readonly revision: number;
      readonly put: readonly (readonly [RecordKey, StateRecord])[];
      readonly removed: readonly RecordKey[];
    };

/** The reader's copy. Records that did not change keep their identity. */
export interface ReadState {
  readonly epoch: string;
  readonly revision: number;
  readonly records: ReadonlyMap<RecordKey, StateRecord>;
}

/** The next copy, or `resync` when the frame does not follow from this one (ask again without `since`). */
export function applyFrame(current: ReadState | undefined, frame: StateFrame): ReadState | 'resync' {
  if (frame.type === 'snapshot') {
    return { epoch: frame.epoch, revision: frame.revision, records: new Map(frame.records) };
  }
  if (!current || current.epoch !== frame.epoch || current.revision !== frame.since) return 'resync';
  const records = new Map(current.records);
  for (const key of frame.removed) records.delete(key);
  for (const [key, record] of frame.put) records.set(key, record);
  return { epoch: frame.epoch, revision: frame.revision, records };
}
