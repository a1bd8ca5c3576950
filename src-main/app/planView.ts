import { createHash } from 'node:crypto';
import { AppFailure } from '#contract/errors.ts';
import type { Hazard, PlanView } from '#contract/plan.ts';
import { formatPlan, stepLabel } from '#plan/formatPlan.ts';
import type { Plan } from '#plan/plan.ts';

/** The plan as a reader sees it. Its id is the same for the same plan. */
export function planView(plan: Plan): PlanView {
  const text = formatPlan(plan);
  return {
    id: createHash('sha256').update(text).digest('hex').slice(0, 16),
    steps: plan.steps.map((step) => ({
      index: step.index,
      kind: step.kind,
      service: step.service,
      label: stepLabel(step),
      cause: step.cause,
      after: step.after,
    })),
    hazards: plan.hazards,
    text,
  };
}

/** Throws `data.consentRequired`, naming every hazard that nobody has agreed to. */
export function requireConsents(plan: Plan, consents: readonly string[]): void {
  const open = plan.hazards.filter(({ id, severity }) => severity !== 'harmless' && !consents.includes(id));
  if (open.length === 0) return;
  throw new AppFailure({
    kind: 'data.consentRequired',
    missing: open.map(({ id }) => id),
    message: open.map(hazardText).join('\n'),
    hint: 'Agree to each, or leave it.',
  });
}

function hazardText({ message, undo }: Hazard): string {
  return undo === undefined ? message : `${message} ${undo}`;
}
