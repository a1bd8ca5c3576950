import { toAppError } from '#contract/errors.ts';
import type { RunId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';
import { planOnlyImages } from '#plan/images.ts';
import type { ReconcileInput } from '#plan/input.ts';
import type { ReconcileOptions } from '#plan/options.ts';
import type { Plan } from '#plan/plan.ts';
import type { RunResult } from '#run/events.ts';
import type { Execute, Runs } from '../runs.ts';
import { type ReplacementPlan, replacementPlan } from './replacementPlan.ts';
import { rollBack } from './rollBack.ts';

export interface ReplaceContext {
  readonly runs: Runs;
  readonly engine: () => Engine;
  /** The project with this service alone to be looked at, and what the engine holds. */
  readonly look: (service: string, options: ReconcileOptions) => Promise<ReconcileInput>;
  readonly executor: (input: ReconcileInput) => Execute;
}

export interface ReplaceRequest {
  readonly service: string;
  /** Build its image first, where it is built here. */
  readonly build: boolean;
  /** Replace containers that have not changed, too. */
  readonly recreate: boolean;
}

/** Builds one service and replaces its containers alone. Failing, the old ones run as they did. */
export async function replaceService(
  context: ReplaceContext,
  request: ReplaceRequest,
): Promise<{ readonly run: RunId }> {
  const { service } = request;
  const input = await context.look(service, { services: [service] });
  const builds = request.build && input.project.services[service]?.build !== undefined;
  const options: ReconcileOptions = {
    build: 'missing',
    pull: 'missing',
    recreate: request.recreate ? 'force' : 'diverged',
  };
  let current: ReplacementPlan | undefined;
  const replacement = async (seen?: ReconcileInput): Promise<Plan> => {
    current = replacementPlan(
      seen ?? (await context.look(service, { ...options, services: [service] })),
      service,
    );
    return current.plan;
  };
  const first = builds ? planOnlyImages(input, 'build') : await replacement({ ...input, options });
  const execute = context.executor(input);
  context.runs.requireFree();
  return context.runs.begin({
    kind: 'replace',
    title: builds ? `Build and replace ${service}` : `Replace ${service}`,
    first,
    next: builds ? async () => (current === undefined ? replacement() : undefined) : undefined,
    execute: async (plan, given) => {
      const result = await execute(plan, given);
      if (result.outcome === 'done' || plan !== current?.plan) return result;
      return undone(context.engine(), current, result);
    },
  });
}

/** The reason of the failure, and what became of the old containers. */
async function undone(engine: Engine, replaced: ReplacementPlan, result: RunResult): Promise<RunResult> {
  try {
    const { said, lastLines } = await rollBack(engine, replaced.replacements);
    if (result.outcome !== 'failed' || said.length === 0) return result;
    const [first, ...others] = result.failures;
    if (first === undefined) return result;
    const message = [first.error.message, ...said].join(' ');
    const hint = lastLines.length > 0 ? `It said last:\n${lastLines.join('\n')}` : first.error.hint;
    return { ...result, failures: [{ ...first, error: { ...first.error, message, hint } }, ...others] };
  } catch (thrown) {
    const failures = result.outcome === 'failed' ? result.failures : [];
    return { outcome: 'failed', failures: [...failures, { step: 0, error: toAppError(thrown) }] };
  }
}
