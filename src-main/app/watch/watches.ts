import type { Disposable } from '#base/disposables.ts';
import { SequentialQueue } from '#base/sequentialQueue.ts';
import type { TextStore } from '#base/textStore.ts';
import type { Project, Service } from '#compose/project.ts';
import { unknownService } from '#compose/unknownService.ts';
import { AppFailure, cancelled, isKind } from '#contract/errors.ts';
import type { RunId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';
import { buildPlace } from '#images/build/buildPlace.ts';
import { readIgnoreFile } from '#images/build/ignoreRules.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import type { Runs } from '../runs.ts';
import { ServiceWatch, type WatchState } from './serviceWatch.ts';
import { type Watched, watchedOf } from './watchRules.ts';

export interface WatchesContext {
  readonly runs: Runs;
  /** Throws what is wrong with the files. */
  readonly project: () => Project;
  readonly engine: () => Engine;
  readonly containers: () => readonly ObservedContainer[];
  readonly replace: (service: string) => Promise<{ readonly run: RunId }>;
  readonly now: () => number;
  readonly store: TextStore;
  readonly changed: () => void;
}

/** Which services of a project are watched. */
export class Watches implements Disposable {
  readonly #context: WatchesContext;
  readonly #watches = new Map<string, ServiceWatch>();
  /** Two starts at once would leave one that nobody can stop. */
  readonly #changing = new SequentialQueue();
  #disposed = false;

  constructor(context: WatchesContext) {
    this.#context = context;
  }

  /** Undefined for a service that is not watched. */
  state(service: string): WatchState | undefined {
    return this.#watches.get(service)?.state;
  }

  /** Without names: every service that has rules. Gives the names of those that are watched from now on. */
  async start(services: readonly string[] = []): Promise<readonly string[]> {
    const project = this.#context.project();
    const withRules = Object.entries(project.services).filter(
      ([, service]) => service.develop?.watch?.length,
    );
    const names = services.length > 0 ? services : withRules.map(([name]) => name);
    if (names.length === 0) {
      throw new AppFailure({
        kind: 'input.invalid',
        message: 'No service of this project has rules to watch by.',
        hint: 'Name one that is built here: its build context is watched and it is rebuilt.',
      });
    }
    for (const name of names) await this.#startOne(name, project);
    return names;
  }

  async stop(services: readonly string[] = []): Promise<void> {
    await this.#changing.run(async () => {
      const names = services.length > 0 ? services : [...this.#watches.keys()];
      await Promise.all(names.map((name) => this.#stopOne(name)));
    });
  }

  containersChanged(): void {
    for (const watch of this.#watches.values()) watch.containersChanged();
  }

  dispose(): Promise<void> {
    this.#disposed = true;
    return this.stop();
  }

  async #startOne(name: string, project: Project): Promise<void> {
    const service = project.services[name];
    if (service === undefined) throw unknownService(project, name);
    const watch = await this.#changing.run(() => this.#replace(name, service, project.workingDir));
    try {
      await watch.start();
    } catch (thrown) {
      await this.#changing.run(async () => {
        if (this.#watches.get(name) === watch) await this.#stopOne(name);
      });
      throw thrown;
    }
  }

  /** The one before is stopped; the new one can be stopped from now on, while it starts, too. */
  async #replace(name: string, service: Service, workingDir: string): Promise<ServiceWatch> {
    if (this.#disposed) throw cancelled();
    await this.#stopOne(name);
    const rules = await rulesOf(name, service);
    const watch = new ServiceWatch({
      service: name,
      rules,
      workingDir,
      engine: this.#context.engine,
      containers: () => this.#running(name),
      rebuild: (signal) => this.#rebuild(name, signal),
      now: this.#context.now,
      store: this.#context.store,
      changed: this.#context.changed,
    });
    this.#watches.set(name, watch);
    this.#context.changed();
    return watch;
  }

  async #stopOne(name: string): Promise<void> {
    const watch = this.#watches.get(name);
    this.#watches.delete(name);
    await watch?.dispose();
    if (watch !== undefined) this.#context.changed();
  }

  #running(name: string): readonly ObservedContainer[] {
    return this.#context
      .containers()
      .filter(({ service, state, oneOff }) => service === name && state === 'running' && !oneOff);
  }

  /** Another run at work is waited for: the change is not lost. */
  async #rebuild(name: string, signal: AbortSignal): Promise<void> {
    const run = await this.#begin(name, signal);
    const { outcome } = await this.#context.runs.wait(run, signal);
    if (outcome === 'done') return;
    const status = this.#context.runs.current?.record.status;
    throw new AppFailure(
      status?.type === 'failed' ? status.error : { kind: 'cancelled', message: 'The rebuild was cancelled.' },
    );
  }

  async #begin(name: string, signal: AbortSignal): Promise<RunId> {
    for (;;) {
      try {
        return (await this.#context.replace(name)).run;
      } catch (thrown) {
        const other = this.#context.runs.current;
        if (!isKind(thrown, 'run.busy') || other === undefined) throw thrown;
        await this.#context.runs.wait(other.record.id, signal);
      }
    }
  }
}

async function rulesOf(name: string, service: Service): Promise<readonly Watched[]> {
  const place =
    service.build === undefined ? undefined : await buildPlace(service.build, name).catch(() => undefined);
  const rules = watchedOf(service, readIgnoreFile(place?.ignore?.text ?? ''));
  if (rules.length > 0) return rules;
  throw new AppFailure({
    kind: 'input.invalid',
    message: `${name} has no rules to watch by, and is not built from a folder.`,
    hint: 'Add develop.watch to it in the compose file.',
  });
}
