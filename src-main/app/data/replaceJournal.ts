import type { Owner } from '#base/owner.ts';

/**
 * A replacement of volumes that has begun to delete. What was there is in the bin by then, and what comes is in a checkpoint
 * (or is nothing), so that whoever finds this does it once more from the start and is done.
 */
export interface ReplaceJournal {
  readonly version: 1;
  readonly owner: Owner;
  readonly title: string;
  /** The checkpoint that is put in; undefined: the services' own start makes what is missing. */
  readonly from?: string | undefined;
  /** `from` is what was there before: its volumes are made as they were, not as the files define them now. */
  readonly asBefore?: boolean | undefined;
  /** Volumes that go. */
  readonly volumes: readonly string[];
  /** The checkpoint in the bin that has them; undefined where none of them held anything. */
  readonly kept?: string | undefined;
  /** Services whose versions go back to what they were in the checkpoint. */
  readonly versionsOf: readonly string[];
  /** Services to start again. */
  readonly services: readonly string[];
}

/** Undefined for words that were cut off: nothing had been deleted then. */
export function parseReplaceJournal(text: string): ReplaceJournal | undefined {
  try {
    const journal = JSON.parse(text) as Partial<ReplaceJournal>;
    return journal.version === 1 && journal.volumes ? (journal as ReplaceJournal) : undefined;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}
