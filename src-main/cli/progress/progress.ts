import type { RunRecord, StepRecord } from '#contract/runModel.ts';
import type { Output } from '../output.ts';
import { Bars } from './bars.ts';
import { Lines } from './lines.ts';

/** How a run is shown while it works. `show` is called with every change, `end` once. */
export interface Progress {
  show(run: RunRecord, steps: readonly StepRecord[]): void;
  end(): void;
}

/** Bars on a terminal, a line for each step elsewhere, nothing with `--json`. */
export function createProgress(output: Output): Progress {
  if (output.json) return { show() {}, end() {} };
  return output.interactive ? new Bars(output) : new Lines(output);
}
