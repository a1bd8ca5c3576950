import { describeTook } from '#contract/describe.ts';
import type { RunRecord, StepRecord } from '#contract/runModel.ts';
import type { Output } from '../output.ts';
import type { Progress } from './progress.ts';

/** One line when a step that takes time begins, one when it ends: what a build server's log wants. */
export class Lines implements Progress {
  readonly #output: Pick<Output, 'note'>;
  readonly #seen = new Map<number, StepRecord['status']>();
  readonly #retries = new Map<number, string>();

  constructor(output: Pick<Output, 'note'>) {
    this.#output = output;
  }

  show(_run: RunRecord, steps: readonly StepRecord[]): void {
    for (const step of steps) {
      this.#tellRetry(step);
      const before = this.#seen.get(step.index);
      if (before === step.status) continue;
      this.#seen.set(step.index, step.status);
      const line = lineOf(step);
      if (line !== undefined) this.#output.note(line);
    }
  }

  end(): void {}

  /** What is tried again is said while it is: silence would look like a hang. */
  #tellRetry({ index, label, status, note }: StepRecord): void {
    if (status !== 'running' || !note?.startsWith('retrying') || this.#retries.get(index) === note) return;
    this.#retries.set(index, note);
    this.#output.note(`… ${label}: ${note}`);
  }
}

/** Steps whose beginning is worth a line, because their end may be long in coming. */
const LONG = new Set<StepRecord['kind']>(['pull', 'build', 'await']);

function lineOf(step: StepRecord): string | undefined {
  switch (step.status) {
    case 'waiting':
      return undefined;
    case 'running':
      return LONG.has(step.kind) ? `… ${step.label}` : undefined;
    case 'done':
      return `✓ ${step.label} (${tookOf(step)})${saysMore(step) ? `, ${step.note}` : ''}`;
    case 'failed':
      return `✗ ${step.label}: ${step.error?.message ?? 'failed'}`;
    case 'skipped':
      return `- ${step.label}: skipped${step.note ? `, ${step.note}` : ''}`;
  }
}

/** A check that passed says no more than that the waiting is over; a pull that fell back on what is here does. */
function saysMore({ kind, note }: StepRecord): boolean {
  return note !== undefined && kind !== 'await';
}

export function tookOf(step: StepRecord): string {
  return describeTook((step.finishedAt ?? 0) - (step.startedAt ?? 0));
}
