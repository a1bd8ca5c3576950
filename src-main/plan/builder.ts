import type { Hazard } from '#contract/plan.ts';
import type { Plan, PlanWarning, Step, StepDraft } from './plan.ts';

/** Collects the steps of one plan. Indexes are given in the order of adding, so a step can only wait for earlier ones. */
export class PlanBuilder {
  readonly #steps: Step[] = [];
  readonly #hazards: Hazard[] = [];
  readonly #warnings: PlanWarning[] = [];

  /** Takes a draft over as a step and returns its index. What the draft makes only when it is asked for stays so. */
  add(draft: StepDraft): number {
    const index = this.#steps.length + 1;
    const after = inOrder(draft.after);
    this.#steps.push(Object.assign(draft, { after, index }) as Step);
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

/** Each step once, by index; 0 is no step. */
function inOrder(steps: readonly number[]): readonly number[] {
  if (steps.length < 2) return steps[0] === 0 ? [] : steps;
  return [...new Set(steps)].filter((step) => step > 0).sort((a, b) => a - b);
}
