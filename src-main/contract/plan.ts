import type { StepKind } from './runModel.ts';

/** A plan as a reader sees it. */
export interface PlanView {
  readonly id: string;
  readonly steps: readonly {
    readonly index: number;
    readonly kind: StepKind;
    readonly service?: string | undefined;
    readonly label: string;
    readonly cause: string;
    readonly after: readonly number[];
  }[];
  readonly hazards: readonly Hazard[];
  /** One line a step, as the tests compare it. */
  readonly text: string;
}

/** Something a user would want to be asked about. A run needs the consent `id` of each that is not `harmless`. */
export interface Hazard {
  readonly id: string;
  readonly severity: 'harmless' | 'loses-container' | 'loses-data';
  readonly message: string;
  /** How to get it back. */
  readonly undo?: string | undefined;
}
