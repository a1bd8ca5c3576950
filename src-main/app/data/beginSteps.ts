import type { Clock } from '#base/clock.ts';
import type { RunId } from '#contract/ids.ts';
import type { RunKind, StepKind } from '#contract/runModel.ts';
import type { RunEvent } from '#run/events.ts';
import type { Runs } from '../runs.ts';
import type { Tell } from './replaceVolumes.ts';

export interface DataStep {
  readonly kind: StepKind;
  readonly label: string;
  readonly cause: string;
  /** Those whose rows show it. */
  readonly services?: readonly string[] | undefined;
  /** What it gives is a word worth keeping about how it went. */
  readonly work: (tell: Tell, signal: AbortSignal) => Promise<string | undefined>;
}

/** Begins a run of steps that go one after the other. */
export function beginSteps(
  { runs, clock }: { readonly runs: Runs; readonly clock: Clock },
  { kind, title }: { readonly kind: RunKind; readonly title: string },
  steps: readonly DataStep[],
): { readonly run: RunId } {
  return runs.beginFree({
    kind,
    title,
    steps: steps.map(({ work: _work, ...step }, index) => ({ ...step, after: index === 0 ? [] : [index] })),
    work: async (onEvent, signal) => {
      for (const [index, step] of steps.entries()) {
        onEvent({ type: 'stepStarted', step: index + 1, at: clock.now() });
        const note = await step.work(
          teller(onEvent, index + 1, () => clock.now()),
          signal,
        );
        onEvent({ type: 'stepDone', step: index + 1, at: clock.now(), note });
      }
    },
  });
}

/** Between two reports, milliseconds: a stream brings thousands of chunks a second. */
const TELL_EVERY_MS = 100;

function teller(onEvent: (event: RunEvent) => void, step: number, now: () => number): Tell {
  let last = Number.NEGATIVE_INFINITY;
  return ({ text, bytes = 0, total }) => {
    const at = now();
    if (at - last < TELL_EVERY_MS) return;
    last = at;
    onEvent({ type: 'stepProgress', step, at, progress: { current: bytes, total, unit: 'bytes', text } });
  };
}
