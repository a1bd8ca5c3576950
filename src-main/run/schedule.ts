import type { Plan, Step } from '#plan/plan.ts';

/**
 * What a step occupies while it runs: engine calls share one limit, starts and what runs one at a time among them, pulls, builds and stops
 * that nobody waits for have limits of their own, waits none.
 */
export type Lane = 'engine' | 'start' | 'oneByOne' | 'pull' | 'build' | 'kill' | 'wait';

export function laneOf(step: Step): Lane {
  switch (step.kind) {
    case 'pull':
    case 'build':
      return step.kind;
    case 'stop':
      // A container may take its whole grace period to stop, and the engine has nothing to do meanwhile.
      return step.atOnce ? 'kill' : 'wait';
    case 'await':
    case 'hook':
    case 'restart':
      return 'wait';
    case 'start':
      // The engine does not hand ports out of a range atomically: two starts at once can be given the same.
      return step.how !== 'unpause' && step.ports === 'serial' ? 'oneByOne' : 'start';
    default:
      return 'engine';
  }
}

/** What a step probably takes, in parts: only to find the chain that decides the whole. */
const WEIGHTS: Readonly<Partial<Record<Step['kind'], number>>> = { pull: 50, build: 80, await: 20, start: 2 };

/**
 * By step (index - 1): how much work comes after it on its longest chain. Among the steps that may run, the one with
 * the longest chain goes first, so that images of the critical path are pulled first.
 */
export function urgencies(plan: Plan): number[] {
  const urgency = plan.steps.map((step) => WEIGHTS[step.kind] ?? 1);
  for (const step of [...plan.steps].reverse()) {
    const own = urgency[step.index - 1] ?? 0;
    for (const before of step.after) {
      const through = own + (WEIGHTS[plan.steps[before - 1]?.kind ?? 'create'] ?? 1);
      if (through > (urgency[before - 1] ?? 0)) urgency[before - 1] = through;
    }
  }
  return urgency;
}

/** By step (index - 1): the steps that wait for it. */
export function dependents(plan: Plan): Step[][] {
  const result: Step[][] = plan.steps.map(() => []);
  for (const step of plan.steps) for (const before of step.after) result[before - 1]?.push(step);
  return result;
}
