import path from 'node:path';
import { type Disposable, Disposables } from '#base/disposables.ts';
import type { Project } from '#compose/project.ts';
import { AppFailure } from '#contract/errors.ts';
import { fileStore } from '#disk/fileStore.ts';
import { configHashes } from '#plan/hashes.ts';
import type { ObservedContainer, ObservedState } from '#plan/observed.ts';
import { divergedServices } from '#plan/reconcile.ts';
import { observeProject } from '#run/observeProject.ts';
import { HealthProofs } from './healthProofs.ts';
import type { Memory } from './memory/memory.ts';
import type { ProjectSource } from './projectSource.ts';
import { type OwnChecks, withOwnChecks } from './provenHealth.ts';
import type { WorkspaceContext } from './workspaceContext.ts';

export interface ProjectObservationHost {
  readonly context: WorkspaceContext;
  readonly source: ProjectSource;
  /** Under which the project's own files are kept. */
  readonly key: () => string;
  readonly checks: () => OwnChecks;
  readonly memory: () => Memory;
  readonly changed: () => void;
}

const NOTHING_AROUND: Omit<ObservedState, 'containers'> = { networks: [], volumes: [], images: {}, at: 0 };

/** What the engine holds of one project, with what is known of it that the engine does not say. */
export class ProjectObservation implements Disposable {
  readonly #host: ProjectObservationHost;
  readonly #disposables = new Disposables();
  readonly #proofs: HealthProofs;
  /** Networks, volumes and images, as they were looked at last. */
  #around: ObservedState | undefined;
  #looks = 0;
  /** The look of a run that only waits any more, and how many steps the run had by then. */
  #ahead: { readonly steps: number; readonly look: Promise<void> } | undefined;
  /** Asked for again and again for each service of a project: worked out anew only when something of it has changed. */
  #state: { readonly of: readonly unknown[]; readonly state: ObservedState } | undefined;

  constructor(host: ProjectObservationHost) {
    const { options } = host.context;
    const folder = () => path.join(options.folders.state, 'health', host.key());
    this.#host = host;
    this.#proofs = this.#disposables.add(
      new HealthProofs({
        store: fileStore(folder),
        role: options.purpose === 'command' ? 'reads' : 'listens',
        changed: host.changed,
        failed: (thrown) =>
          options.logger.warn({ thrown }, 'since when containers are healthy cannot be kept'),
      }),
    );
  }

  /** Reads what was kept by the processes before. */
  start(): Promise<void> {
    return this.#proofs.start();
  }

  /** All containers of the project as the engine has them: replicas, one-offs, orphans. */
  get containers(): readonly ObservedContainer[] {
    return this.#host.context.watch.containers(this.#host.source.name);
  }

  /** As known last; a health that somebody has proven counts. */
  get state(): ObservedState {
    const { checks, memory } = this.#host;
    const { containers } = this;
    const of = [containers, this.#around, checks().version, this.#proofs.known, memory().applied];
    if (this.#state === undefined || of.some((part, index) => part !== this.#state?.of[index])) {
      const around = this.#around ?? NOTHING_AROUND;
      this.#state = { of, state: { ...around, containers: this.#known(containers) } };
    }
    return this.#state.state;
  }

  /** As it is now, for a plan. */
  async observe(project: Project, signal?: AbortSignal): Promise<ObservedState> {
    const { clock } = this.#host.context.options;
    const settled = await this.#host.context.watch.settledContainers(project.name, signal);
    const containers = settled && this.#known(settled);
    return observeProject({
      engine: this.#host.context.link.require(),
      clock,
      project,
      containers,
      signal,
    });
  }

  /** The containers have been heard of: what is healthy is noted. */
  noteHealth(): void {
    if (this.#host.context.watch.live) this.#proofs.note(this.state.containers);
  }

  /** Resolves when what is known of healthy containers is there for other processes too. */
  async keepHealth(): Promise<void> {
    this.noteHealth();
    await this.#proofs.save();
  }

  /** Networks, volumes and images change with runs and files; between them nothing here needs to know. Never rejects. */
  async lookAround(): Promise<void> {
    const { context, source, changed } = this.#host;
    const project = source.shown;
    const { engine } = context.link;
    if (project === undefined || engine === undefined || !context.watch.live) return;
    try {
      const { clock } = context.options;
      this.#looks += 1;
      const look = this.#looks;
      const seen = await observeProject({ engine, clock, project, containers: this.containers });
      if (look !== this.#looks) return;
      this.#around = seen;
      changed();
    } catch (thrown) {
      // The engine is away: what was known stays, and the next look comes with its return.
      if (!(thrown instanceof AppFailure)) throw thrown;
    }
  }

  /** While services are waited for, nobody makes networks, volumes or images: nobody has to wait for this look at the end. */
  lookAhead(steps: number): void {
    this.#ahead = { steps, look: this.lookAround() };
  }

  /** Behind a run of so many steps. One that had nothing to do has changed nothing. */
  async lookAfter(steps: number): Promise<void> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (steps > 0) await (ahead?.steps === steps ? ahead.look : this.lookAround());
  }

  /** By service: why a boot would recreate it. Only said where all is known that it depends on. */
  diverged(project: Project): Readonly<Record<string, string>> {
    const { status } = this.#host.context.link;
    if (this.#around === undefined || status.type !== 'connected') return {};
    return divergedServices({
      project,
      observed: this.state,
      hashes: configHashes(project),
      apiVersion: status.apiVersion,
      options: {},
    });
  }

  async dispose(): Promise<void> {
    await this.#disposables.dispose();
  }

  #known(containers: readonly ObservedContainer[]): readonly ObservedContainer[] {
    const { checks, memory } = this.#host;
    return memory().withApplied(withOwnChecks(containers, checks(), this.#proofs.known));
  }
}
