import { deferred } from '#base/deferred.ts';
import type { HealthOutput } from '#contract/errors.ts';
import type { ContainerDetails } from '#engine/containers.ts';
import type { AwaitStep } from '#plan/plan.ts';
import type { GateOutcome } from './gate.ts';
import { probeUntilPassed } from './probe.ts';
import type { StepContext } from './steps/stepContext.ts';

/** Nobody asked for this check: a server that does not answer by then is said to be slow, and the boot ends. */
const ANSWERS_WITHIN_MS = 60_000;
/** A shell's and the engine's codes for a command that cannot be run: then the image has no such client. */
const CANNOT_RUN: ReadonlySet<number> = new Set([126, 127]);
/** Its product's client answers in milliseconds; rabbitmq-diagnostics needs seconds. */
const PROBE_TIMEOUT_MS = 10_000;

/**
 * Middleware without a healthcheck is ready when its product's own client says so (`pg_isready`, PING …). `lookAgain`: the
 * container's verdict when something was heard of it; only a failure ends the wait.
 */
export async function untilItAnswers(
  step: AwaitStep,
  context: StepContext,
  own: {
    readonly details: ContainerDetails;
    readonly lookAgain: () => Promise<GateOutcome | undefined>;
    readonly onProbe: (health: HealthOutput) => void;
  },
): Promise<GateOutcome> {
  const { details } = own;
  const command = context.readyProbe?.(step.service, details.env);
  if (command === undefined) return { type: 'passed' };
  const over = new AbortController();
  const signal = AbortSignal.any([context.signal, over.signal]);
  const outcome = deferred<GateOutcome>();
  const pass = (note?: string) => outcome.resolve({ type: 'passed', note });
  const listening = context.events.on(details.id, () => {
    own.lookAgain().then((seen) => seen?.type === 'failed' && outcome.resolve(seen), outcome.reject);
  });
  const onResult = (health: HealthOutput) => {
    if (!CANNOT_RUN.has(health.exitCode)) return own.onProbe(health);
    hasRunOn(context, details).then((ranOn) => ranOn && pass(), outcome.reject);
  };
  probeUntilPassed(details, { ...context, signal, onResult }, { command, timeoutMs: PROBE_TIMEOUT_MS }).then(
    (note) => note !== undefined && pass(note),
    outcome.reject,
  );
  context.clock.sleep(ANSWERS_WITHIN_MS, signal).then(
    () => pass(`runs, but does not answer ${command[0]} yet`),
    () => context.signal.aborted && outcome.reject(context.signal.reason),
  );
  try {
    return await outcome.promise;
  } finally {
    over.abort();
    listening.dispose();
  }
}

/** A command cannot be run either in a container that is just ending: only one that has run on lacks the client. */
async function hasRunOn(context: StepContext, before: ContainerDetails): Promise<boolean> {
  const now = await context.engine.inspectContainer(before.id, { signal: context.signal });
  return now.state === 'running' && now.startedAt === before.startedAt;
}
