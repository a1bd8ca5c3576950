import type { Hazard } from '#contract/plan.ts';
import type { Plan, PlanWarning, Step, StepDraft } from './plan.ts';

/** Collects the steps of one plan. Indexes are given in the order of adding, so a step can only wait for earlier ones. */
export class PlanBuilder {
  readonly #steps: Step[] = [];
  readonly #hazards: Hazard[] = [];
  readonly #warnings: PlanWarning[] = [];

  /** Adds a step and returns its index. */
  add(draft: StepDraft): number {
    const index = this.#steps.length + 1;
    const after = [...new Set(draft.after)].filter((step) => step > 0).sort((a, b) => a - b);
    this.#steps.push({ ...draft, after, index } as Step);
    return index;
  }

  hazard(hazard: Hazard): void {
    if (!this.#hazards.some((other) => other.id === hazard.id)) this.#hazards.push(hazard);
  }

  warn(warning: PlanWarning): void {
    const known = this.#warnings.some(
      (other) => other.service === warning.service && other.message === warning.message,
    );
    if (!known) this.#warnings.push(warning);
  }

  build(): Plan {
    return { steps: this.#steps, hazards: this.#hazards, warnings: this.#warnings };
  }
}
