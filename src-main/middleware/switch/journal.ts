import type { Owner } from '#base/owner.ts';
import { AppFailure } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { RestartPolicy } from '#engine/containers.ts';
import type { VersionSwitch } from './decide.ts';

/**
 * What a switch has done so far, on disk before it does it. Up to `verified` a crash is rolled back
 * (a switch that carries nothing has nothing to verify and begins there). From `committed` on the
 * new version may have taken writes: it is finished, or, where the new version does not come up, taken back with the new
 * volume kept. From `ready` on the new version has proven itself: all that is left is to remove the old container.
 */
export interface SwitchJournal {
  readonly version: 1;
  readonly id: string;
  readonly phase: 'begun' | 'verified' | 'committed' | 'ready';
  readonly decision: VersionSwitch;
  /** The Slipway that runs it: while that lives, it is not ours to recover. */
  readonly owner: Owner;
  readonly startedAt: number;
  readonly oldContainer?: OldContainer | undefined;
  /** The override as it was when the choice was written into it, or when the switch began. */
  readonly overrideBefore?: string | undefined;
  /** The override with the choice, from before it is written; null where nothing is left in it. */
  readonly overrideAfter?: string | null | undefined;
  /** `lanes.json` as it was. */
  readonly lanesBefore?: string | undefined;
  /** The volume that a carry makes: it carries this switch's label, and goes with a roll-back. */
  readonly newVolume?: string | undefined;
}

export interface OldContainer {
  readonly id: ContainerId;
  readonly name: string;
  readonly wasRunning: boolean;
  /** When it was started last, by the engine's clock: another time later means that somebody else started it since. */
  readonly startedAt?: number | undefined;
  /** Set where the engine would have started it by itself after a restart: it is put back with a roll-back. */
  readonly restart?: RestartPolicy | undefined;
}

/**
 * The journal that a text holds. `torn`: the process was killed while it wrote its first words, so nothing had been done yet;
 * every later write is atomic. Throws for a journal of a newer Slipway.
 */
export function parseJournal(text: string): SwitchJournal | 'torn' {
  const journal = parsed(text);
  if (journal === undefined) return 'torn';
  if (journal.version === 1 && journal.id && journal.phase && journal.decision && journal.owner)
    return journal as SwitchJournal;
  throw new AppFailure({
    kind: 'input.invalid',
    message: 'The journal of a version switch was written by another version of Slipway.',
    hint: 'Finish the switch with that version.',
  });
}

function parsed(text: string): Partial<SwitchJournal> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

/** Has somebody else started the old container since the switch began? Then it may hold writes that nothing else has. */
export function wasStartedSince(
  old: OldContainer,
  found: { readonly startedAt?: number | undefined },
): boolean {
  return found.startedAt !== undefined && found.startedAt !== old.startedAt;
}

export function formatJournal(journal: SwitchJournal): string {
  return `${JSON.stringify(journal, undefined, 2)}\n`;
}

/** Helper containers and the volume of a carry bear this label; its value is the switch's id. */
export const SWITCH_LABEL = 'dev.slipway.switch';

/** `source`, `target` or `copy` on helper containers; `copy` or `meeting` on volumes that go with the carry. */
export const ROLE_LABEL = 'dev.slipway.role';

/** The name of the old container while the new one has to prove itself. */
export function asideName(name: string, id: string): string {
  return `${name}-before-${id.slice(0, 8)}`;
}
