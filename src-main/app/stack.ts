import type { Project } from '#compose/project.ts';
import { AppFailure } from '#contract/errors.ts';
import type { RunId } from '#contract/ids.ts';
import type { PlanView } from '#contract/plan.ts';
import type { Prerequisite } from '#contract/prerequisites.ts';
import type { RunKind } from '#contract/runModel.ts';
import { configHashes } from '#plan/hashes.ts';
import { imagesFirst, planOnlyImages } from '#plan/images.ts';
import type { ReconcileInput } from '#plan/input.ts';
import type { ObservedState } from '#plan/observed.ts';
import type { ReconcileOptions } from '#plan/options.ts';
import type { Plan } from '#plan/plan.ts';
import { reconcile } from '#plan/reconcile.ts';
import { planRestart, planStart } from '#plan/restart.ts';
import { planDown, planStop } from '#plan/teardown.ts';
import { failedOnlyAtBarred } from '#run/barred.ts';
import type { RunEvent } from '#run/events.ts';
import { planView, requireConsents } from './planView.ts';
import { requirePrerequisites } from './prerequisites/prerequisites.ts';
import type { Execute, Runs, RunWork } from './runs.ts';
import { withNamed } from './selectProject.ts';

/** What the stack's requests need of their project. */
export interface StackContext {
  readonly runs: Runs;
  /** Throws what is wrong with the files. */
  readonly project: () => Project;
  /** The project as it could be read last: what runs can be stopped while a file is broken. */
  readonly shown: () => Project;
  /** Takes in what was saved since the files were read last. */
  readonly fresh: () => Promise<void>;
  /** Resolves when the engine has answered, or it is known why it does not: a window is there sooner than that. */
  readonly answered: () => Promise<void>;
  /** What the engine holds now. Rejects with `engine.*`. */
  readonly observe: (project: Project, signal?: AbortSignal) => Promise<ObservedState>;
  /** Throws `engine.*` while there is no engine. */
  readonly apiVersion: () => string;
  /** What a boot counts on outside of the files and does not find. */
  readonly prerequisites: (input: ReconcileInput) => Promise<readonly Prerequisite[]>;
  readonly executor: (project: Project, options: BuildOptions) => Execute;
  readonly usualBootMs: () => number | undefined;
  /** What the pulls of a project will bring, bytes; undefined where the registries do not tell. Never rejects. */
  readonly pullBytes: (project: Project) => Promise<number | undefined>;
  /** A listener for the events of a boot that is about to begin. */
  readonly recordBoot: (project: Project) => (event: RunEvent) => void;
}

export interface BuildOptions {
  readonly noCache?: boolean | undefined;
  /** Look for newer base images. */
  readonly pull?: boolean | undefined;
}

interface Services {
  readonly services?: readonly string[] | undefined;
}
interface Grace {
  readonly graceSeconds?: number | undefined;
}
interface Consents {
  readonly consents?: readonly string[] | undefined;
}
interface PlanRequest extends Services {
  readonly build?: boolean | undefined;
  readonly recreate?: 'diverged' | 'force' | 'never' | undefined;
}
interface BootRequest extends PlanRequest, Grace, Consents {
  readonly removeOrphans?: boolean | undefined;
  readonly pull?: 'missing' | 'always' | 'never' | undefined;
  readonly wait?: boolean | undefined;
  readonly noDeps?: boolean | undefined;
  readonly scale?: Readonly<Record<string, number>> | undefined;
  readonly planId?: string | undefined;
}
interface DownRequest extends Grace, Consents {
  readonly volumes?: boolean | undefined;
  readonly removeOrphans?: boolean | undefined;
}

type Started = { readonly run: RunId };

/** What one can do with a stack: each request looks at the world, makes a plan and runs it. */
export class Stack {
  readonly #context: StackContext;

  constructor(context: StackContext) {
    this.#context = context;
  }

  /** Everything that is missing for a boot of the whole stack. */
  async prerequisites(): Promise<readonly Prerequisite[]> {
    return this.#context.prerequisites(await this.#look({}, {}));
  }

  async plan(request: PlanRequest): Promise<PlanView> {
    return planView(reconcile(await this.#look(request, bootOptions(request))));
  }

  async boot(request: BootRequest): Promise<Started> {
    const options = bootOptions(request);
    const input = await this.#look(request, options);
    requirePrerequisites(input.project, await this.#context.prerequisites(input));
    const whole = reconcile(input);
    requireConsents(whole, request.consents ?? []);
    requireSame(whole, request.planId);
    const images = imagesFirst(input);
    return this.#begin('boot', request, {
      project: input.project,
      first: images ?? whole,
      // Only with the new images is it known whether a container is to be replaced.
      next: images === undefined ? undefined : once(async () => this.#afterImages(request, options)),
      again: once(async (result) =>
        failedOnlyAtBarred(result) ? this.#afterImages(request, options) : undefined,
      ),
    });
  }

  async stop(request: Services & Grace): Promise<Started> {
    await this.#context.runs.endWaits();
    const { project, observed } = await this.#look(request, {}, 'shown');
    return this.#begin('stop', request, { project, first: planStop({ ...request, project, observed }) });
  }

  async start(request: Services): Promise<Started> {
    await this.#context.runs.endWaits();
    // A one-shot that is named is run again, as docker compose does it.
    const options = { services: request.services, rerun: request.services, until: 'ready' } as const;
    const input = await this.#look(request, options);
    return this.#begin('start', request, { project: input.project, first: planStart(input) });
  }

  async restart(request: Services & Grace): Promise<Started> {
    await this.#context.runs.endWaits();
    const { project, observed } = await this.#look(request);
    return this.#begin('restart', request, {
      project,
      first: planRestart({ ...request, project, observed }),
    });
  }

  async planDown(request: DownRequest): Promise<PlanView> {
    return planView(downPlan(await this.#look({}, {}, 'shown'), request));
  }

  async down(request: DownRequest): Promise<Started> {
    await this.#context.runs.endWaits();
    const seen = await this.#look({}, {}, 'shown');
    const first = downPlan(seen, request);
    requireConsents(first, request.consents ?? []);
    return this.#begin('down', {}, { project: seen.project, first });
  }

  async build(request: Services & BuildOptions): Promise<Started> {
    const input = await this.#look(request, { services: request.services });
    const first = planOnlyImages(input, 'build');
    return this.#begin('build', request, { project: input.project, first, build: request });
  }

  async pull(request: Services): Promise<Started> {
    const input = await this.#look(request, { services: request.services });
    return this.#begin('pull', request, { project: input.project, first: planOnlyImages(input, 'pull') });
  }

  async scale(request: { readonly service: string; readonly replicas: number }): Promise<Started> {
    await this.#context.runs.endWaits();
    const { service, replicas } = request;
    const options = { services: [service], scale: { [service]: replicas }, until: 'ready' } as const;
    const input = await this.#look({ services: [service] }, options);
    return this.#begin('scale', { services: [service] }, { project: input.project, first: reconcile(input) });
  }

  async #afterImages(request: BootRequest, options: ReconcileOptions): Promise<Plan> {
    // The images are as new as they get: nothing is pulled or built twice.
    const plan = reconcile(await this.#look(request, { ...options, imagesDone: true }));
    requireConsents(plan, request.consents ?? []);
    return plan;
  }

  async #look(
    request: Services & { readonly noDeps?: boolean | undefined },
    options: ReconcileOptions = {},
    files: 'valid' | 'shown' = 'valid',
  ): Promise<ReconcileInput> {
    const { services = [], noDeps } = request;
    await this.#context.answered();
    if (files === 'valid') await this.#context.fresh();
    const read = files === 'valid' ? this.#context.project() : this.#context.shown();
    const project = withNamed(read, services);
    const apiVersion = this.#context.apiVersion();
    const observed = await this.#context.observe(project);
    return {
      project,
      observed,
      hashes: configHashes(project),
      apiVersion,
      options: { ...options, alone: noDeps },
    };
  }

  #begin(
    kind: RunKind,
    { services }: Services,
    work: {
      readonly project: Project;
      readonly first: Plan;
      readonly next?: RunWork['next'];
      readonly again?: RunWork['again'];
      readonly build?: BuildOptions | undefined;
    },
  ): Started {
    const whole = kind === 'boot' && !services?.length;
    this.#context.runs.requireFree();
    return this.#context.runs.begin({
      kind,
      title: titleOf(kind, services),
      first: work.first,
      next: work.next,
      again: work.again,
      execute: this.#context.executor(work.project, work.build ?? {}),
      onEvent: kind === 'boot' ? this.#context.recordBoot(work.project) : undefined,
      pullBytes: work.first.steps.some((step) => step.kind === 'pull')
        ? () => this.#context.pullBytes(work.project)
        : undefined,
      estimateMs: whole ? this.#context.usualBootMs() : undefined,
    });
  }
}

function bootOptions(request: BootRequest): ReconcileOptions {
  return {
    services: request.services,
    recreate: request.recreate,
    build: request.build === undefined ? undefined : request.build ? 'always' : 'never',
    pull: request.pull,
    orphans: request.removeOrphans ? 'remove' : 'keep',
    until: request.wait === false ? 'started' : 'ready',
    scale: request.scale,
    graceSeconds: request.graceSeconds,
    consents: request.consents,
  };
}

function downPlan(seen: ReconcileInput, request: DownRequest): Plan {
  return planDown({
    project: seen.project,
    observed: seen.observed,
    graceSeconds: request.graceSeconds,
    volumes: request.volumes ? 'remove' : 'keep',
    orphans: request.removeOrphans ? 'remove' : 'keep',
  });
}

function requireSame(plan: Plan, expected: string | undefined): void {
  if (expected === undefined || planView(plan).id === expected) return;
  throw new AppFailure({
    kind: 'plan.stale',
    message: 'The stack has changed since this plan was shown.',
    hint: 'Look at the plan again.',
  });
}

function once<A extends readonly unknown[], T>(
  make: (...args: A) => Promise<T>,
): (...args: A) => Promise<T | undefined> {
  let made = false;
  return async (...args) => {
    if (made) return undefined;
    made = true;
    return make(...args);
  };
}

function titleOf(kind: RunKind, services: readonly string[] | undefined): string {
  const verb = TITLES[kind] ?? kind;
  if (services === undefined || services.length === 0) return verb;
  return services.length <= 2 ? `${verb} ${services.join(' and ')}` : `${verb} ${services.length} services`;
}

const TITLES: Partial<Record<RunKind, string>> = {
  boot: 'Boot',
  stop: 'Stop',
  start: 'Start',
  restart: 'Restart',
  down: 'Down',
  build: 'Build',
  pull: 'Pull',
  scale: 'Scale',
};
