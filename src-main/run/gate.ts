import { deferred } from '#base/deferred.ts';
import type { HealthOutput } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { ContainerDetails } from '#engine/containers.ts';
import type { EngineEvent } from '#engine/events.ts';
import type { AwaitStep } from '#plan/plan.ts';
import { untilItAnswers } from './answers.ts';
import type { Heard } from './containerEvents.ts';
import type { StepReport } from './effects.ts';
import { probeUntilPassed } from './probe.ts';
import type { StepContext } from './steps/stepContext.ts';

export type GateOutcome =
  | { readonly type: 'passed'; readonly note?: string | undefined }
  | { readonly type: 'failed'; readonly reason: 'exited'; readonly exitCode: number }
  | { readonly type: 'failed'; readonly reason: 'unhealthy'; readonly health?: HealthOutput | undefined }
  | { readonly type: 'failed'; readonly reason: 'noCheck' };

/** So often may a container that restarts by itself end before the wait for it is given up. */
const MOST_RESTARTS = 5;

/**
 * Long enough for a process to read its settings and give up, short enough to be no part of a boot that one notices. How long
 * that is on this machine, and with what it has to do besides, the start itself has shown: most of one is making processes too.
 * Behind the last start of a boot it has no others to start besides.
 */
const SETTLED_AFTER_MS = { least: 100, most: 200 };
const SHARE_OF_START = 1 / 6;

/** Resolves when one container's condition holds or can no longer hold. Waits by events; looks only when it hears one. */
export async function openGate(
  step: AwaitStep,
  context: StepContext,
  own: { readonly id: ContainerId; readonly report: StepReport },
): Promise<GateOutcome> {
  if (step.condition === 'service_started' && step.withoutCheck === 'ready')
    return staysUp(step, context, own);
  const stopProbing = new AbortController();
  const result = deferred<GateOutcome>();
  // A cancel may come before anybody waits for it: it is met below, or by what is under way then.
  result.promise.catch(() => undefined);
  const look = () => lookAt(step, context, own.id).then(settle, result.reject);
  const settle = (outcome: GateOutcome | undefined) => outcome && result.resolve(outcome);
  const onAbort = () => result.reject(context.signal.reason);
  const listening = context.events.on(own.id, (heard) => {
    const outcome = verdict(step, heard);
    if (outcome === 'look') void look();
    else settle(outcome);
  });
  context.signal.addEventListener('abort', onAbort, { once: true });
  try {
    const details = await context.engine.inspectContainer(own.id, { signal: context.signal });
    // Its image was not known when the plan was made.
    if (step.condition === 'service_healthy' && step.withoutCheck === 'ready' && !details.hasHealthcheck)
      return await staysUp(step, context, own);
    settle(stateVerdict(step, details));
    if (step.condition === 'service_healthy' && step.probe === 'eager')
      void probeUntilPassed(details, {
        ...context,
        signal: AbortSignal.any([context.signal, stopProbing.signal]),
        onResult: (health) => tellProbe(step, context, { ...own, health }),
      })
        .then((note) => passedEarly(step, context, { details, note, signal: stopProbing.signal }))
        .then(settle, result.reject);
    return await result.promise;
  } finally {
    stopProbing.abort();
    listening.dispose();
    context.signal.removeEventListener('abort', onAbort);
  }
}

/**
 * Asked as early as we ask, a server that is only there to make the database passes its own check: dependents would meet the
 * gap before the real one. Who is asked as a dependent asks answers for it; the engine's own verdict needs no more.
 */
async function passedEarly(
  step: AwaitStep,
  context: StepContext,
  own: {
    readonly details: ContainerDetails;
    readonly note: string | undefined;
    readonly signal: AbortSignal;
  },
): Promise<GateOutcome | undefined> {
  const { details, note } = own;
  if (note === undefined) return undefined;
  const passed: GateOutcome = { type: 'passed', note };
  if (context.startsTwice?.(step.service) !== true) return passed;
  const signal = AbortSignal.any([context.signal, own.signal]);
  const lookAgain = () => lookAt(step, context, details.id);
  try {
    const outcome = await untilItAnswers(
      step,
      { ...context, signal },
      { details, lookAgain, onProbe: () => {} },
    );
    return outcome.type === 'passed' ? passed : outcome;
  } catch (thrown) {
    if (own.signal.aborted) return undefined;
    throw thrown;
  }
}

/**
 * What has no check is ready when it still runs a moment after its start: what fails at once, for a missing setting or
 * a wrong command, has failed by then. One that its restart policy brings up again, as when it needs a server that is not up
 * yet, gets some more moments. Events tell; the engine is asked only about what was not heard to start. Middleware is asked
 * itself at once: what answers is up.
 */
async function staysUp(
  step: AwaitStep,
  context: StepContext,
  own: { readonly id: ContainerId; readonly report: StepReport },
): Promise<GateOutcome> {
  const { events, signal } = context;
  for (;;) {
    const ends = events.ends(own.id);
    const startedAgain = events.nextStart(own.id, signal);
    try {
      await settled(step, context, { id: own.id, ends });
      const quiet = events.ends(own.id) === ends;
      context.up.set(own.id, events.ends(own.id));
      if (quiet && events.runs(own.id) && !hasProbe(step, context)) return { type: 'passed' };
      const details = await context.engine.inspectContainer(own.id, { signal });
      if (quiet ? details.state !== 'restarting' : details.state === 'exited' || details.state === 'dead')
        return await settledVerdict(step, context, { ...own, details });
      if (details.restartCount >= MOST_RESTARTS)
        return { type: 'failed', reason: 'exited', exitCode: details.exitCode };
      own.report.note(
        `ended with ${details.exitCode} and is started again, ${details.restartCount} of ${MOST_RESTARTS}`,
      );
      await startedAgain;
    } finally {
      startedAgain.dispose();
    }
  }
}

async function settled(
  step: AwaitStep,
  context: StepContext,
  { id, ends }: { readonly id: ContainerId; readonly ends: number },
): Promise<void> {
  const askedItself = ends === 0 && hasProbe(step, context);
  if (askedItself) return;
  const { clock, events } = context;
  const since = clock.monotonic() - events.ranFor(id);
  const rest = () => since + settledAfterMs(context, id) - clock.monotonic();
  // It becomes less when the last of the others has been started.
  for (let ms = rest(); ms > 0; ms = rest())
    await clock.sleep(Math.min(ms, SETTLED_AFTER_MS.least / 2), context.signal);
}

function settledAfterMs({ starts }: StepContext, id: ContainerId): number {
  const { least, most } = SETTLED_AFTER_MS;
  const takesMs = starts.takesMs(id);
  return takesMs === undefined ? most : Math.min(most, Math.max(least, takesMs * SHARE_OF_START));
}

function hasProbe(step: AwaitStep, context: StepContext): boolean {
  return context.readyProbe?.(step.service, []) !== undefined;
}

async function settledVerdict(
  step: AwaitStep,
  context: StepContext,
  own: { readonly id: ContainerId; readonly report: StepReport; readonly details: ContainerDetails },
): Promise<GateOutcome> {
  const { details } = own;
  const verdict = stateVerdict(step, details);
  if (verdict?.type === 'failed' || details.state !== 'running') return verdict ?? { type: 'passed' };
  return untilItAnswers(step, context, {
    details,
    lookAgain: () => lookAt(step, context, own.id),
    onProbe: (health) => tellProbe(step, context, { ...own, health }),
  });
}

function tellProbe(
  step: AwaitStep,
  context: StepContext,
  own: { readonly id: ContainerId; readonly report: StepReport; readonly health: HealthOutput },
): void {
  const at = context.clock.now();
  own.report.emit({
    type: 'stepProbe',
    step: step.index,
    at,
    by: 'eager',
    container: own.id,
    result: own.health,
  });
}

async function lookAt(
  step: AwaitStep,
  context: StepContext,
  id: ContainerId,
): Promise<GateOutcome | undefined> {
  return stateVerdict(step, await context.engine.inspectContainer(id, { signal: context.signal }));
}

/** What an event alone decides; `look` where the container's state has to be asked. */
function verdict(step: AwaitStep, heard: Heard): GateOutcome | 'look' | undefined {
  if (heard.type === 'gap') return 'look';
  const { event } = heard;
  // A restart policy may bring it up again: only its state tells an end from a restart.
  if (event.action === 'die') return 'look';
  // One that is stopped while it rests before its next start is only heard to stop.
  if (event.action === 'stop') return 'look';
  // It ended before it was looked at for the first time, and has been brought up again.
  if (event.action === 'start' && step.condition === 'service_started') return 'look';
  if (event.action === 'destroy') return { type: 'failed', reason: 'exited', exitCode: exitCodeOf(event) };
  if (event.action !== 'health_status' || step.condition !== 'service_healthy') return undefined;
  return event.detail === 'healthy' ? { type: 'passed' } : 'look';
}

function exitCodeOf(event: EngineEvent): number {
  return Number(event.attributes['exitCode'] ?? 0) || 0;
}

function stateVerdict(step: AwaitStep, details: ContainerDetails): GateOutcome | undefined {
  if (hasEnded(details)) return endVerdict(step, details);
  switch (step.condition) {
    case 'service_completed_successfully':
      return undefined;
    case 'service_started':
      return details.state === 'running' ? { type: 'passed' } : undefined;
    case 'service_healthy':
      return healthVerdict(step, details);
  }
}

/** Ended for good, or so often that waiting for more is no use. */
function hasEnded(details: ContainerDetails): boolean {
  const looping = details.state === 'restarting' && details.restartCount >= MOST_RESTARTS;
  return details.state === 'exited' || details.state === 'dead' || looping;
}

/** An end is a success for what was to complete, and at the end of a boot for what has no check to pass. */
function endVerdict(step: AwaitStep, { state, exitCode, hasHealthcheck }: ContainerDetails): GateOutcome {
  const mayEnd =
    step.condition === 'service_completed_successfully' || (step.withoutCheck === 'ready' && !hasHealthcheck);
  if (mayEnd && exitCode === 0 && state === 'exited') return { type: 'passed', note: 'exited 0' };
  return { type: 'failed', reason: 'exited', exitCode };
}

function healthVerdict(step: AwaitStep, details: ContainerDetails): GateOutcome | undefined {
  if (!details.hasHealthcheck)
    return step.withoutCheck === 'ready' ? { type: 'passed' } : { type: 'failed', reason: 'noCheck' };
  if (details.state !== 'running') return undefined;
  if (details.health === 'healthy') return { type: 'passed' };
  return details.health === 'unhealthy'
    ? { type: 'failed', reason: 'unhealthy', health: lastHealth(details) }
    : undefined;
}

/** The engine's last probe of a container. */
export function lastHealth(details: ContainerDetails): HealthOutput | undefined {
  const last = details.healthLog.at(-1);
  return last && { exitCode: last.exitCode, output: last.output, at: last.end };
}
