import type { ContainerId } from '#contract/ids.ts';
import type { VersionSwitch } from './decide.ts';

/**
 * What a switch has done so far, on disk before it does it. Up to `verified` a crash is rolled back; from `committed` on it
 * is finished, because the new version may have taken writes by then.
 */
export interface SwitchJournal {
  readonly version: 1;
  readonly id: string;
  readonly phase: 'begun' | 'verified' | 'committed' | 'ready';
  readonly decision: VersionSwitch;
  /** Process id of the Slipway that runs it: while that lives, it is not ours to recover. */
  readonly pid: number;
  readonly startedAt: number;
  readonly oldContainer?:
    | { readonly id: ContainerId; readonly name: string; readonly wasRunning: boolean }
    | undefined;
  /** The override as it was. */
  readonly overrideBefore?: string | undefined;
  /** A volume that this switch makes: it goes with a roll-back. */
  readonly newVolume?: string | undefined;
}

export function parseJournal(text: string): SwitchJournal {
  const journal = JSON.parse(text) as Partial<SwitchJournal>;
  if (journal.version !== 1 || !journal.id || !journal.phase || !journal.decision)
    throw new Error('The journal of a version switch cannot be read.');
  return journal as SwitchJournal;
}

export function formatJournal(journal: SwitchJournal): string {
  return `${JSON.stringify(journal, undefined, 2)}\n`;
}

/** Helper containers carry this label; its value is the switch's id. */
export const SWITCH_LABEL = 'dev.slipway.switch';

/** The name of the old container while the new one has to prove itself. */
export function asideName(name: string, id: string): string {
  return `${name}-before-${id.slice(0, 8)}`;
}
