import type { AppError, HealthOutput } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { Progress } from '#contract/runModel.ts';

/** What a run tells while it works. `step` is the step's index in the plan; times are milliseconds since the epoch. */
export type RunEvent =
  | { readonly type: 'stepStarted'; readonly step: number; readonly at: number }
  | { readonly type: 'stepProgress'; readonly step: number; readonly at: number; readonly progress: Progress }
  /** Something worth saying that is no failure: "retrying: name in use, 2nd try". */
  | { readonly type: 'stepNote'; readonly step: number; readonly at: number; readonly note: string }
  /** An await step heard from its service: the last probe, by whom. */
  | {
      readonly type: 'stepProbe';
      readonly step: number;
      readonly at: number;
      readonly by: 'engine' | 'eager';
      readonly container: ContainerId;
      readonly result: HealthOutput;
    }
  | {
      readonly type: 'stepDone';
      readonly step: number;
      readonly at: number;
      readonly note?: string | undefined;
    }
  | { readonly type: 'stepFailed'; readonly step: number; readonly at: number; readonly error: AppError }
  /** Not done, because a step before it failed or the run was cancelled. */
  | { readonly type: 'stepSkipped'; readonly step: number; readonly at: number; readonly reason: string };

/** How a run ended: everything that failed, in the order of the plan. */
export type RunResult =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'cancelled' }
  | {
      readonly outcome: 'failed';
      readonly failures: readonly {
        readonly step: number;
        readonly service?: string | undefined;
        readonly error: AppError;
      }[];
    };
