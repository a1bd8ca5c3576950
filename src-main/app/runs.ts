import type { Disposable } from '#base/disposables.ts';
import { type AppError, AppFailure, cancelled, type HealthOutput, toAppError } from '#contract/errors.ts';
import type { RunId, WorkspaceId } from '#contract/ids.ts';
import type { RunKind } from '#contract/runModel.ts';
import type { Plan, Step } from '#plan/plan.ts';
import type { RunEvent, RunResult } from '#run/events.ts';
import type { OwnChecks } from './provenHealth.ts';
import { missing } from './requestBase.ts';
import { type FreeStep, RunTracker } from './runTracker.ts';

/** A boot looks for so long, milliseconds, whether what it has started last stays up. */
const A_MOMENT_MS = 400;

/** One piece of work on the stack. */
export interface RunWork {
  readonly kind: RunKind;
  readonly title: string;
  /** The plan to begin with, and how to go on after it: undefined ends the run. */
  readonly first: Plan;
  readonly next?: ((signal: AbortSignal) => Promise<Plan | undefined>) | undefined;
  /** Asked when a plan has failed: the plan that can finish what it left, where there is one. */
  readonly again?: ((result: RunResult, signal: AbortSignal) => Promise<Plan | undefined>) | undefined;
  readonly execute: Execute;
  readonly estimateMs?: number | undefined;
  /** How much all its pulls will bring, bytes; asked while they begin. Never rejects. */
  readonly pullBytes?: (() => Promise<number | undefined>) | undefined;
  /** Hears every event, its step numbered through all plans of the run. */
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
}

/** Work whose steps are no plan's, such as a switch of versions. */
export interface FreeWork {
  readonly kind: RunKind;
  readonly title: string;
  readonly steps: readonly FreeStep[];
  /** Reports its steps, counted from 1, with `onEvent`; rejects with what went wrong. */
  readonly work: (onEvent: (event: RunEvent) => void, signal: AbortSignal) => Promise<void>;
}

export type Execute = (
  plan: Plan,
  options: { readonly onEvent: (event: RunEvent) => void; readonly signal: AbortSignal },
) => Promise<RunResult>;

export interface RunsContext {
  readonly workspace: WorkspaceId;
  readonly now: () => number;
  readonly newId: () => string;
  /** Something about a run has changed. */
  readonly changed: () => void;
  /** All that a plan has to do is done, and services are waited for. */
  readonly onlyWaits: (run: RunTracker) => void;
  /** A run has ended: whoever waited for it finds its last records. */
  readonly ended: () => void;
  /** Before a run counts as ended: the world is looked at once more, the history written. Never rejects. */
  readonly settled: (run: RunTracker, result: RunResult) => Promise<void>;
}

interface ActiveRun {
  readonly tracker: RunTracker;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

/** The runs of one project: one at a time, the last one kept. */
export class Runs implements Disposable {
  readonly #context: RunsContext;
  #active: ActiveRun | undefined;
  #last: RunTracker | undefined;
  /** Has done its work; the world is looked at once more. */
  #settling: RunTracker | undefined;
  /** By service: what the last run that touched it could not do. */
  readonly #failures = new Map<string, { readonly error: AppError; readonly at: number }>();

  readonly #proven = new Map<string, number>();
  readonly #lastChecks = new Map<string, HealthOutput>();
  #checked = 0;

  constructor(context: RunsContext) {
    this.#context = context;
  }

  /** The run at work, or the last one. */
  get current(): RunTracker | undefined {
    return this.#active?.tracker ?? this.#last;
  }

  get failures(): Readonly<Record<string, { readonly error: AppError; readonly at: number }>> {
    return Object.fromEntries(this.#failures);
  }

  /** What runs have seen of the healthchecks that they ran themselves. */
  get checks(): OwnChecks {
    return { version: this.#checked, proven: this.#proven, last: this.#lastChecks };
  }

  /** Throws `run.busy` while another run works. */
  requireFree(): void {
    if (this.#active === undefined) return;
    const running = this.#active.tracker.record.title;
    throw new AppFailure({
      kind: 'run.busy',
      workspace: this.#context.workspace,
      running,
      message: `${running} is still at work.`,
      hint: 'Wait for it, or cancel it.',
    });
  }

  /**
   * Ends a boot that only waits for services any more, so that what somebody asks for now need not wait for it; whoever asks
   * boots the rest. Throws `run.busy` where other work is under way.
   */
  async makeWay(): Promise<void> {
    const active = this.#active;
    if (active?.tracker.record.kind === 'boot' && onlyWaits(active.tracker)) {
      this.cancel(active.tracker.record.id);
      await active.ended;
    }
    this.requireFree();
  }

  /**
   * Work that is over but for its last look is waited for. A boot that has nothing left to do but to see whether services come up,
   * which run already, gets a moment to end by itself and gives way then. Other work goes on: `requireFree` says so.
   */
  async endWaits(): Promise<void> {
    const active = this.#active;
    if (active === undefined) return;
    if (active.tracker.record.onlyWaits) {
      await within(A_MOMENT_MS, active.ended);
      if (this.#active === active && this.#settling !== active.tracker) this.cancel(active.tracker.record.id);
    } else if (this.#settling !== active.tracker) return;
    await active.ended;
  }

  /** For who is about to begin work of his own: ends waits, as `endWaits`; throws `run.busy` where other work goes on. */
  async makeRoom(): Promise<void> {
    await this.endWaits();
    this.requireFree();
  }

  /** Starts and answers at once. */
  begin(work: RunWork): { readonly run: RunId } {
    return this.#start(work, (tracker, signal) => {
      this.#extend(tracker, () => tracker.extend(work.first));
      void work.pullBytes?.().then((bytes) => {
        if (bytes === undefined || !tracker.active) return;
        tracker.expectPull(bytes);
        this.#context.changed();
      });
      return this.#execute(work, tracker, signal);
    });
  }

  /** The same for work whose steps are no plan's. */
  beginFree(work: FreeWork): { readonly run: RunId } {
    return this.#start(work, async (tracker, signal) => {
      this.#extend(tracker, () => tracker.extendWith(work.steps));
      await work.work((event) => this.#hear(tracker, event), signal);
      return { outcome: 'done' };
    });
  }

  #start(
    { kind, title, estimateMs }: Pick<RunWork, 'kind' | 'title' | 'estimateMs'>,
    perform: (tracker: RunTracker, signal: AbortSignal) => Promise<RunResult>,
  ): { readonly run: RunId } {
    this.requireFree();
    const { workspace, newId, now } = this.#context;
    const id = newId() as RunId;
    const tracker = new RunTracker({ workspace, id, kind, title, startedAt: now(), estimateMs });
    const abort = new AbortController();
    // The work begins in a later turn: what it does first already finds the run active.
    const ended = Promise.resolve().then(() => this.#work(tracker, abort.signal, perform));
    this.#active = { tracker, abort, ended };
    return { run: id };
  }

  /** Asks the run to end; it ends in order. A run that has ended already is left as it is. */
  cancel(run: string): void {
    const active = this.#find(run);
    if (active === undefined) return;
    active.tracker.cancelling();
    active.abort.abort(cancelled());
    this.#context.changed();
  }

  /** Resolves when the run has ended. */
  async wait(run: string, signal?: AbortSignal): Promise<{ outcome: RunResult['outcome'] }> {
    const active = this.#find(run);
    if (active !== undefined) await untilAborted(active.ended, signal);
    const status = (active?.tracker ?? this.#last)?.record.status.type;
    if (status === 'done' || status === 'failed' || status === 'cancelled') return { outcome: status };
    throw new AppFailure({ kind: 'internal', message: `Run ${run} ended without an outcome.` });
  }

  async dispose(): Promise<void> {
    this.#active?.abort.abort(cancelled());
    await this.#active?.ended;
  }

  /** The active run of this id; undefined for one that has ended. Throws for an id that nobody knows. */
  #find(run: string): ActiveRun | undefined {
    if (this.#active?.tracker.record.id === run) return this.#active;
    if (this.#last?.record.id === run) return undefined;
    throw missing(`run ${run}`, 'This run is not known (any more).');
  }

  async #work(
    tracker: RunTracker,
    signal: AbortSignal,
    perform: (tracker: RunTracker, signal: AbortSignal) => Promise<RunResult>,
  ): Promise<void> {
    const result = await perform(tracker, signal).catch((thrown: unknown) => resultOf(thrown, signal));
    this.#settling = tracker;
    await this.#context.settled(tracker, result);
    tracker.finish(result, this.#context.now());
    this.#last = tracker;
    this.#active = undefined;
    this.#settling = undefined;
    this.#context.ended();
  }

  async #execute(work: RunWork, tracker: RunTracker, signal: AbortSignal): Promise<RunResult> {
    const onEvent = (event: RunEvent) => {
      const before = isAllStarted(tracker);
      this.#hear(tracker, event, work.onEvent);
      if (!before && isAllStarted(tracker)) this.#context.onlyWaits(tracker);
    };
    let plan: Plan | undefined = work.first;
    while (plan !== undefined) {
      const result = await work.execute(plan, { onEvent, signal });
      if (result.outcome === 'cancelled') return result;
      const failed = result.outcome === 'failed';
      const next: Plan | undefined = await (failed ? work.again?.(result, signal) : work.next?.(signal));
      if (failed && next === undefined) return result;
      if (next !== undefined) this.#extend(tracker, () => tracker.extend(next));
      plan = next;
    }
    return { outcome: 'done' };
  }

  #extend(tracker: RunTracker, extend: () => void): void {
    extend();
    for (const service of tracker.record.services) this.#failures.delete(service);
    // Of a run before this one: its containers may be gone.
    if (tracker.record.stepsDone === 0) this.#lastChecks.clear();
    this.#checked += 1;
    this.#context.changed();
  }

  #hear(tracker: RunTracker, event: RunEvent, onEvent?: (event: RunEvent) => void): void {
    const step = tracker.apply(event);
    onEvent?.({ ...event, step: step.index });
    this.#noteHealth(event, tracker.planned[step.index - 1]);
    if (event.type === 'stepFailed') {
      const { error, at } = event;
      for (const service of tracker.servicesOf(step)) this.#failures.set(service, { error, at });
    }
    this.#context.changed();
  }

  /** The same of a plan that is carried out in the middle of a run whose steps are its own, such as a switch of versions. */
  hearWithin(plan: Plan, event: RunEvent): void {
    this.#noteHealth(
      event,
      plan.steps.find(({ index }) => index === event.step),
    );
    this.#context.changed();
  }

  /** Work of a run's own has made a service's healthcheck ahead of the engine. */
  noteCheck(service: string, container: string, result: HealthOutput): void {
    this.#noteCheck(container, result);
    if (result.exitCode === 0) this.#proven.set(service, result.at);
    this.#context.changed();
  }

  #noteHealth(event: RunEvent, planned: Step | undefined): void {
    if (event.type === 'stepProbe') this.#noteCheck(event.container, event.result);
    if (event.type === 'stepDone') this.#prove(planned, event.at);
  }

  #noteCheck(container: string, result: HealthOutput): void {
    this.#lastChecks.set(container, result);
    this.#checked += 1;
  }

  #prove(step: Step | undefined, at: number): void {
    if (step?.kind !== 'await' || step.condition !== 'service_healthy') return;
    this.#proven.set(step.service, at);
    this.#checked += 1;
  }
}

/** All that a plan has to do is done, and services are waited for. */
function isAllStarted({ workLeft, record }: RunTracker): boolean {
  return workLeft === 0 && record.stepsDone < record.steps;
}

function onlyWaits({ steps }: RunTracker): boolean {
  const underWay = steps.filter(({ status }) => status === 'running');
  return underWay.length > 0 && underWay.every(({ kind }) => kind === 'await');
}

/** How work that threw has ended. */
function resultOf(thrown: unknown, signal: AbortSignal): RunResult {
  if (signal.aborted) return { outcome: 'cancelled' };
  return { outcome: 'failed', failures: [{ step: 0, error: toAppError(thrown) }] };
}

async function untilAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return work;
  await Promise.race([
    work,
    new Promise((_, reject) => {
      if (signal.aborted) reject(cancelled());
      signal.addEventListener('abort', () => reject(cancelled()), { once: true });
    }),
  ]);
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, over]).finally(() => clearTimeout(timer));
}
