import type { Clock } from '#base/clock.ts';
import type { Project } from '#compose/project.ts';
import type { Engine } from '#engine/engine.ts';
import { configHashes } from '#plan/hashes.ts';
import type { ReconcileOptions } from '#plan/options.ts';
import type { Plan } from '#plan/plan.ts';
import { reconcile } from '#plan/reconcile.ts';
import { planRestart } from '#plan/restart.ts';
import { planDown, planStop } from '#plan/teardown.ts';
import { failedOnlyAtBarred } from '#run/barred.ts';
import type { RunEffects } from '#run/effects.ts';
import type { RunEvent, RunResult } from '#run/events.ts';
import { execute } from '#run/executor.ts';
import { observeProject } from '#run/observeProject.ts';
import type { FakeEngine } from './fakeEngine/fakeEngine.ts';

/** One project on one engine, for tests: plans from what is there now, runs the plan, keeps what was told. */
export class PlanRun {
  readonly project: Project;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly events: RunEvent[] = [];
  /** The plan that was run last. */
  plan: Plan | undefined;
  readonly #effects: Partial<RunEffects>;
  readonly #stop = new AbortController();

  constructor(own: { project: Project; engine: Engine; clock: Clock } & Partial<RunEffects>) {
    this.project = own.project;
    this.engine = own.engine;
    this.clock = own.clock;
    this.#effects = own;
  }

  async bootPlan(options: ReconcileOptions = {}): Promise<Plan> {
    const { project, engine, clock } = this;
    const observed = await observeProject({ engine, clock, project });
    const { apiVersion } = await engine.info();
    return reconcile({ project, observed, hashes: configHashes(project), apiVersion, options });
  }

  /** As the app boots: a container that the engine bars is replaced in the same boot. */
  async boot(options: ReconcileOptions = {}): Promise<RunResult> {
    const result = await this.execute(await this.bootPlan(options));
    return failedOnlyAtBarred(result) ? this.execute(await this.bootPlan(options)) : result;
  }

  async stop(): Promise<RunResult> {
    const { project, engine, clock } = this;
    const observed = await observeProject({ engine, clock, project });
    return this.execute(planStop({ project, observed }));
  }

  async restart(): Promise<RunResult> {
    const { project, engine, clock } = this;
    const observed = await observeProject({ engine, clock, project });
    return this.execute(planRestart({ project, observed }));
  }

  async down(volumes: 'keep' | 'remove' = 'keep'): Promise<RunResult> {
    const { project, engine, clock } = this;
    const observed = await observeProject({ engine, clock, project });
    return this.execute(planDown({ project, observed, volumes, orphans: 'remove', graceSeconds: 1 }));
  }

  execute(plan: Plan, listener: (event: RunEvent) => void = () => undefined): Promise<RunResult> {
    this.events.length = 0;
    this.plan = plan;
    const { engine, clock } = this;
    return execute(plan, {
      ...this.#effects,
      engine,
      clock,
      project: this.project.name,
      onEvent: (event) => {
        this.events.push(event);
        listener(event);
      },
      signal: this.#stop.signal,
    });
  }

  cancel(): void {
    this.#stop.abort();
  }

  /** The events of one kind, in order. */
  told<T extends RunEvent['type']>(type: T): Extract<RunEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type);
  }
}

/** Has a container's healthcheck (`[CMD, ready]`) pass from so many milliseconds after its start, whoever runs it. */
export function readyAfter(
  own: { readonly fake: FakeEngine; readonly clock: Clock },
  name: string,
  ms: number,
): void {
  own.fake.script({ name }, { healthyAfterMs: ms });
  own.fake.onExec(({ container, command }) => {
    if (container.name !== name || command[0] !== 'ready') return undefined;
    const age = own.clock.now() - (container.startedAt ?? Number.POSITIVE_INFINITY);
    return age >= ms ? { exitCode: 0 } : { exitCode: 1, stderr: 'not ready yet' };
  });
}
