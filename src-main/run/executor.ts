import { deferred } from '#base/deferred.ts';
import { type AppError, toAppError } from '#contract/errors.ts';
import type { AwaitStep, Plan, Step } from '#plan/plan.ts';
import { ContainerEvents } from './containerEvents.ts';
import type { RunOptions, StepReport } from './effects.ts';
import { EngineLimit, PROCESSORS } from './engineLimit.ts';
import type { RunResult } from './events.ts';
import { transientReason, withRetry } from './retry.ts';
import { dependents, type Lane, laneOf, urgencies } from './schedule.ts';
import { Starts } from './starts.ts';
import { performStep } from './steps/performStep.ts';
import { isInUse, stays } from './steps/removeNetwork.ts';
import { containerOf, type StepContext } from './steps/stepContext.ts';

/** Pulls at once: the engine itself fetches three layers of each. */
const PULLS = 4;
/** Builds use all cores by themselves. */
const BUILDS = 2;
/** For each of the engine's processors. With hundreds at once it waits for itself, and a down takes a twentieth longer. */
const KILLS = 8;

/**
 * Places that starts leave to creations while there are any: a start waits for the kernel to make a network, a creation only computes.
 * Where many starts begin at once, the processors would have nothing to do. Measured: decision 066.
 */
const PLACES_OF_CREATIONS = 1;

/** 1.5 s: the containers that left it are gone by then, and what still uses it goes on using it. */
const CHANCES_OF_A_NETWORK = 4;

type Outcome = 'done' | 'failed' | 'skipped';

/**
 * Runs a plan: every step as soon as what it waits for is done, within limits that adapt. A step that fails takes its
 * dependants with it and nothing else. Resolves when nothing is under way any more; never rejects for what a step did.
 */
export async function execute(plan: Plan, options: RunOptions): Promise<RunResult> {
  const events = new ContainerEvents(options);
  try {
    if (plan.steps.some((step) => step.kind === 'await')) await events.open(options.signal);
    return await new Execution(plan, options, events).run();
  } catch (thrown) {
    if (options.signal.aborted) return { outcome: 'cancelled' };
    return { outcome: 'failed', failures: [{ step: 0, error: toAppError(thrown) }] };
  } finally {
    await events.dispose();
  }
}

class Execution {
  readonly #plan: Plan;
  readonly #options: RunOptions;
  readonly #context: StepContext;
  readonly #urgency: readonly number[];
  readonly #dependents: readonly (readonly Step[])[];
  readonly #missing: number[];
  readonly #outcomes = new Map<number, Outcome>();
  /** By step that came to nothing: what is said of those that wait for it. */
  readonly #reasons = new Map<number, string>();
  readonly #failures: { step: number; service?: string; error: AppError }[] = [];
  readonly #limit: EngineLimit;
  readonly #busy: Record<Lane, number> = {
    engine: 0,
    start: 0,
    oneByOne: 0,
    pull: 0,
    build: 0,
    kill: 0,
    wait: 0,
  };
  readonly #ready = new Set<Step>();
  readonly #finished = deferred<void>();

  constructor(plan: Plan, options: RunOptions, events: ContainerEvents) {
    this.#plan = plan;
    this.#options = options;
    this.#context = {
      ...options,
      plan,
      events,
      containers: new Map(),
      images: new Map(),
      up: new Map(),
      starts: new Starts(options.clock),
    };
    const { clock, processors, watched = false } = options;
    // What only takes down is done sooner with few: removals wait for each other within the engine.
    const sparing = watched || !plan.steps.some(({ kind }) => kind === 'start');
    const calls = plan.steps.filter((step) => takesPlace(laneOf(step))).length;
    this.#limit = new EngineLimit({
      ...{ clock, processors, sparing, calls },
      onFree: () => this.#launch(),
    });
    this.#urgency = urgencies(plan);
    this.#dependents = dependents(plan);
    this.#missing = plan.steps.map((step) => step.after.length);
    for (const step of plan.steps) if (step.after.length === 0) this.#ready.add(step);
  }

  async run(): Promise<RunResult> {
    const onAbort = () => this.#skipTheRest();
    this.#options.signal.addEventListener('abort', onAbort, { once: true });
    this.#launch();
    if (this.#outcomes.size < this.#plan.steps.length) await this.#finished.promise;
    if (!this.#options.signal.aborted) await this.#lookOnceMore();
    this.#options.signal.removeEventListener('abort', onAbort);
    return this.#result();
  }

  /** What counted as up because it had started, and has been heard to end since, while others were waited for. */
  async #lookOnceMore(): Promise<void> {
    const ended = this.#plan.steps.filter(
      (step): step is AwaitStep =>
        step.kind === 'await' && this.#outcomes.get(step.index) === 'done' && this.#hasEnded(step),
    );
    await Promise.all(
      ended.map((step) =>
        performStep(step, this.#context, this.#report(step)).catch((thrown) => this.#failed(step, thrown)),
      ),
    );
  }

  #hasEnded(step: AwaitStep): boolean {
    return step.containers.some((target) => {
      const id = containerOf(this.#context, target);
      const before = this.#context.up.get(id);
      return before !== undefined && this.#context.events.ends(id) > before;
    });
  }

  #result(): RunResult {
    if (this.#options.signal.aborted && [...this.#outcomes.values()].includes('skipped'))
      return { outcome: 'cancelled' };
    if (this.#failures.length === 0) return { outcome: 'done' };
    return { outcome: 'failed', failures: this.#failures.sort((a, b) => a.step - b.step) };
  }

  /** Begins whatever may run and finds a free place, the most urgent first. */
  #launch(): void {
    if (this.#options.signal.aborted) {
      this.#skipTheRest();
      return;
    }
    const urgency = (step: Step) => this.#urgency[step.index - 1] ?? 0;
    const inOrder = [...this.#ready].sort((a, b) => urgency(b) - urgency(a) || a.index - b.index);
    for (const step of inOrder) {
      const lane = laneOf(step);
      if (!this.#hasPlace(lane)) continue;
      this.#ready.delete(step);
      this.#busy[lane] += 1;
      void this.#perform(step, lane);
    }
  }

  #hasPlace(lane: Lane): boolean {
    switch (lane) {
      case 'engine':
        return this.#limit.free;
      case 'start':
        return (
          this.#limit.free &&
          (this.#busy.start < this.#limit.places - PLACES_OF_CREATIONS || !this.#creationsWait())
        );
      case 'oneByOne':
        return this.#busy.oneByOne === 0 && this.#limit.free;
      case 'pull':
        return this.#busy.pull < PULLS;
      case 'build':
        return this.#busy.build < BUILDS;
      case 'kill':
        return this.#busy.kill < KILLS * (this.#options.processors ?? PROCESSORS);
      case 'wait':
        return true;
    }
  }

  #creationsWait(): boolean {
    for (const { kind } of this.#ready) if (kind === 'create') return true;
    return false;
  }

  async #perform(step: Step, lane: Lane): Promise<void> {
    const report = this.#report(step);
    const giveBack = takesPlace(lane) ? this.#limit.take() : undefined;
    this.#emit({ type: 'stepStarted', step: step.index });
    try {
      const note = await this.#attempt(step, report);
      this.#emit({ type: 'stepDone', step: step.index, note });
      this.#outcomes.set(step.index, 'done');
    } catch (thrown) {
      this.#failed(step, thrown);
    }
    this.#busy[lane] -= 1;
    giveBack?.();
    this.#release(step);
    this.#launch();
    this.#finishWhenDone();
  }

  async #attempt(step: Step, report: StepReport): Promise<string | undefined> {
    try {
      return await withRetry(() => performStep(step, this.#context, report), {
        clock: this.#options.clock,
        signal: this.#options.signal,
        isTransient: transientReason,
        chances: step.kind === 'removeNetwork' ? CHANCES_OF_A_NETWORK : undefined,
        onRetry: (note) => {
          this.#limit.backOff();
          report.note(note);
        },
      });
    } catch (thrown) {
      if (step.kind !== 'removeNetwork' || !isInUse(thrown) || this.#options.signal.aborted) throw thrown;
      return stays(step, this.#context);
    }
  }

  #failed(step: Step, thrown: unknown): void {
    if (this.#options.signal.aborted) {
      this.#skip(step, 'cancelled');
      return;
    }
    const error = toAppError(thrown);
    this.#outcomes.set(step.index, 'failed');
    if (step.service !== undefined) this.#reasons.set(step.index, `${step.service} failed`);
    this.#failures.push({
      step: step.index,
      error,
      ...(step.service === undefined ? {} : { service: step.service }),
    });
    this.#emit({ type: 'stepFailed', step: step.index, error });
  }

  #skip(step: Step, reason: string): void {
    this.#ready.delete(step);
    this.#outcomes.set(step.index, 'skipped');
    this.#reasons.set(step.index, reason);
    this.#emit({ type: 'stepSkipped', step: step.index, reason });
  }

  /** Lets the dependants of a finished step go on, or go. */
  #release(step: Step): void {
    for (const dependent of this.#dependents[step.index - 1] ?? []) {
      const left = (this.#missing[dependent.index - 1] ?? 0) - 1;
      this.#missing[dependent.index - 1] = left;
      if (left > 0 || this.#outcomes.has(dependent.index)) continue;
      const lost = dependent.after.find((index) => this.#outcomes.get(index) !== 'done');
      if (lost === undefined) this.#ready.add(dependent);
      else this.#lose(dependent, lost);
    }
  }

  /** A step that cannot be done. A wait that is only wished for is given up with a word, and the rest goes on. */
  #lose(step: Step, lost: number): void {
    if (step.kind === 'await' && !step.required && !this.#options.signal.aborted) {
      this.#outcomes.set(step.index, 'done');
      this.#emit({ type: 'stepDone', step: step.index, note: `${step.service} failed; going on without it` });
    } else this.#skip(step, this.#reasons.get(lost) ?? 'a step before it failed');
    this.#release(step);
  }

  #skipTheRest(): void {
    for (const step of this.#plan.steps) {
      const running = !this.#ready.has(step) && this.#missing[step.index - 1] === 0;
      if (this.#outcomes.has(step.index) || running) continue;
      this.#skip(step, 'cancelled');
    }
    this.#finishWhenDone();
  }

  #finishWhenDone(): void {
    if (this.#outcomes.size >= this.#plan.steps.length) this.#finished.resolve();
  }

  #report(step: Step): StepReport {
    return {
      progress: (progress) => this.#emit({ type: 'stepProgress', step: step.index, progress }),
      note: (note) => this.#emit({ type: 'stepNote', step: step.index, note }),
      emit: (event) => this.#options.onEvent(event),
    };
  }

  #emit(event: WithoutTime): void {
    this.#options.onEvent({ ...event, at: this.#options.clock.now() });
  }
}

/** Whether a step's calls count among those that the engine has at once. */
function takesPlace(lane: Lane): boolean {
  return lane === 'engine' || lane === 'start' || lane === 'oneByOne';
}

type RunEventOf = Parameters<RunOptions['onEvent']>[0];
type WithoutTime = RunEventOf extends infer E ? (E extends RunEventOf ? Omit<E, 'at'> : never) : never;
