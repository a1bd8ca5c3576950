import { deferred } from '#base/deferred.ts';
import { AppFailure, cancelled } from '#contract/errors.ts';
import type { RunId } from '#contract/ids.ts';
import type { RunKind } from '#contract/model.ts';
import type { Plan } from '#plan/plan.ts';
import type { RunEffects } from './effects.ts';
import type { RunEvent, RunResult } from './events.ts';
import { execute } from './executor.ts';

export interface RunRequest extends RunEffects {
  readonly id: RunId;
  readonly kind: RunKind;
  /** The project's name: one run at a time works on a project. */
  readonly project: string;
  /** Made when the run has the project for itself, so that it is not out of date. */
  readonly plan: Plan;
  /** Ids of the hazards that the user agreed to. */
  readonly consents?: readonly string[] | undefined;
  readonly onEvent: (event: RunEvent) => void;
  readonly signal?: AbortSignal | undefined;
}

/** A run that works, or has ended. */
export interface Run {
  readonly id: RunId;
  readonly kind: RunKind;
  readonly plan: Plan;
  /** Never rejects. */
  readonly result: Promise<RunResult>;
  /** Gives up; `result` tells when nothing is under way any more. */
  cancel(): void;
}

/** The runs of one core: at most one works on a project at any time. */
export class Runs {
  readonly #active = new Map<string, Run>();

  /** The run that works on a project now. */
  active(project: string): Run | undefined {
    return this.#active.get(project);
  }

  /** Begins at once. Throws `run.busy` while another run works on the project, `data.consentRequired` without its consents. */
  start(request: RunRequest): Run {
    const busy = this.#active.get(request.project);
    if (busy !== undefined) throw busyFailure(request.project, busy);
    checkConsents(request.plan, request.consents ?? []);
    const stop = new AbortController();
    const signal =
      request.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, request.signal]);
    const done = deferred<RunResult>();
    const run: Run = {
      id: request.id,
      kind: request.kind,
      plan: request.plan,
      result: done.promise,
      cancel: () => stop.abort(cancelled()),
    };
    this.#active.set(request.project, run);
    void execute(request.plan, { ...request, signal }).then((result) => {
      this.#active.delete(request.project);
      done.resolve(result);
    }, done.reject);
    return run;
  }

  /** Gives all runs up and waits until nothing is under way. */
  async dispose(): Promise<void> {
    const runs = [...this.#active.values()];
    for (const run of runs) run.cancel();
    await Promise.all(runs.map((run) => run.result));
  }
}

function busyFailure(project: string, run: Run): AppFailure {
  return new AppFailure({
    kind: 'run.busy',
    workspace: project,
    running: run.kind,
    message: `A ${run.kind} of ${project} is under way.`,
    hint: 'Wait until it is done, or cancel it.',
  });
}

/** Every hazard that loses something needs the user's word before anything runs. */
export function checkConsents(plan: Plan, consents: readonly string[]): void {
  const missing = plan.hazards
    .filter((hazard) => hazard.severity !== 'harmless' && !consents.includes(hazard.id))
    .map((hazard) => hazard.id);
  if (missing.length === 0) return;
  throw new AppFailure({
    kind: 'data.consentRequired',
    missing,
    message: `This needs your consent: ${plan.hazards.map((hazard) => hazard.message).join(' ')}`,
  });
}
