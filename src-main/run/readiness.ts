import { AppFailure, throwIfCancelled } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { AwaitStep } from '#plan/plan.ts';
import type { StepReport } from './effects.ts';
import { type GateOutcome, openGate } from './gate.ts';
import { containerOf, type StepContext } from './steps/stepContext.ts';

/**
 * Waits until the condition holds for every container of the service. The service's own check is run ahead of the
 * engine's interval, and the engine's verdict counts too, whichever comes first. Rejects with `dependency.exited` or
 * `dependency.unhealthy`; a wait that is only wished for ends with a word instead.
 */
export async function awaitCondition(
  step: AwaitStep,
  context: StepContext,
  report: StepReport,
): Promise<string | undefined> {
  const ids = step.containers.map((target) => containerOf(context, target));
  const [only, ...others] = ids;
  try {
    if (only !== undefined && others.length === 0) return await awaitOne(step, context, { id: only, report });
    return await awaitAll(step, context, { ids, report });
  } catch (thrown) {
    throwIfCancelled(context.signal);
    if (step.required || !(thrown instanceof AppFailure)) throw thrown;
    return `${thrown.error.message} Going on without it.`;
  }
}

/** The first that fails ends the wait for the others. */
async function awaitAll(
  step: AwaitStep,
  context: StepContext,
  own: { readonly ids: readonly ContainerId[]; readonly report: StepReport },
): Promise<string | undefined> {
  const giveUp = new AbortController();
  const signal = AbortSignal.any([context.signal, giveUp.signal]);
  try {
    const notes = await Promise.all(
      own.ids.map((id) => awaitOne(step, { ...context, signal }, { id, report: own.report })),
    );
    return notes.find((note) => note !== undefined);
  } finally {
    giveUp.abort();
  }
}

async function awaitOne(
  step: AwaitStep,
  context: StepContext,
  own: { readonly id: ContainerId; readonly report: StepReport },
): Promise<string | undefined> {
  const outcome = await openGate(step, context, own);
  if (outcome.type === 'passed') return outcome.note;
  throw new AppFailure(failureOf(step, outcome));
}

function failureOf(step: AwaitStep, outcome: GateOutcome & { readonly type: 'failed' }) {
  const { service } = step;
  switch (outcome.reason) {
    case 'exited': {
      const { exitCode } = outcome;
      const what = exitCode === 0 ? 'ended, though it should run' : `exited with ${exitCode}`;
      return { kind: 'dependency.exited' as const, service, exitCode, message: `${service} ${what}.` };
    }
    case 'unhealthy':
      return {
        kind: 'dependency.unhealthy' as const,
        service,
        health: outcome.health,
        message: `${service} is unhealthy.`,
      };
    case 'noCheck':
      return {
        kind: 'dependency.unhealthy' as const,
        service,
        message: `${service} has no healthcheck, so it never becomes healthy.`,
        hint: 'Give it a healthcheck, or wait for service_started.',
      };
  }
}
