import { writeFile } from 'node:fs/promises';
import type { Clock } from '#base/clock.ts';
import type { TextStore } from '#base/textStore.ts';
import type { Project } from '#compose/project.ts';
import { unknownService } from '#compose/unknownService.ts';
import type { RunId } from '#contract/ids.ts';
import type { Advice, BuildView } from '#contract/requests/builds.ts';
import type { Engine } from '#engine/engine.ts';
import { isRemote } from '#images/build/buildPlace.ts';
import { configHashes } from '#plan/hashes.ts';
import type { ObservedState } from '#plan/observed.ts';
import { missing } from '../requestBase.ts';
import { replaceService } from '../rolling/replaceService.ts';
import type { Execute, Runs } from '../runs.ts';
import { withNamed } from '../selectProject.ts';
import { adviseOn } from './adviseOn.ts';
import { BuildBook } from './buildBook.ts';
import { followBuilds } from './followBuilds.ts';

/** What builds and replacements need of their project. */
export interface BuildsContext {
  readonly runs: Runs;
  readonly clock: Clock;
  /** Throws what is wrong with the files. */
  readonly project: () => Project;
  readonly observe: (project: Project, signal?: AbortSignal) => Promise<ObservedState>;
  /** Throws `engine.*` while there is no engine. */
  readonly engine: () => Engine;
  readonly apiVersion: () => string;
  readonly executor: (project: Project) => Execute;
  readonly store: TextStore;
}

interface BuildRequest {
  readonly service: string;
  readonly build?: boolean | undefined;
  readonly recreate?: boolean | undefined;
}

/** One project's builds: their history, and replacing one service with what was built. */
export class Builds {
  readonly book: BuildBook;
  readonly #context: BuildsContext;

  constructor(context: BuildsContext) {
    this.#context = context;
    this.book = new BuildBook(context.store);
  }

  history(service: string): Promise<readonly BuildView[]> {
    return this.book.history(service);
  }

  follow(signal: AbortSignal | undefined): AsyncGenerator<readonly BuildView[], void, void> {
    return followBuilds(this.book, this.#context.clock, signal);
  }

  /** The same for somebody who has just asked for it: what only waits makes room. */
  async replaceNow(request: BuildRequest): Promise<{ readonly run: RunId }> {
    await this.#context.runs.makeRoom();
    return this.replace(request);
  }

  /**
   * Builds a service and replaces its containers; answers at once. No other service is touched. Throws `run.busy` while another
   * run is under way, and be it that it only waits.
   */
  replace(request: BuildRequest): Promise<{ readonly run: RunId }> {
    const { service, build = true, recreate = false } = request;
    this.#service(service);
    const context = {
      runs: this.#context.runs,
      engine: this.#context.engine,
      look: async (name: string, options: object) => {
        const project = withNamed(this.#context.project(), [name]);
        const apiVersion = this.#context.apiVersion();
        const observed = await this.#context.observe(project);
        return {
          project,
          observed,
          hashes: configHashes(project),
          apiVersion,
          options: { ...options, alone: true },
        };
      },
      executor: (input: { readonly project: Project }) => this.#context.executor(input.project),
    };
    return replaceService(context, { service, build, recreate });
  }

  /** What makes builds of this service slow, or its image doubtful; empty for one that is not built here. */
  async advise(name: string): Promise<readonly Advice[]> {
    const { service } = this.#service(name);
    if (service.build === undefined || isRemote(service.build.context)) return [];
    const [last] = await this.book.history(name);
    return adviseOn(service.build, { service: name, lastBuild: last });
  }

  /** Writes the change of one piece of advice; the file must still be what the advice was about. */
  async applyAdvice(name: string, rule: string): Promise<void> {
    const advice = (await this.advise(name)).find((entry) => entry.rule === rule);
    if (advice?.change === undefined)
      throw missing(`advice ${rule}`, 'There is no such change to make (any more).');
    await writeFile(advice.change.file, advice.change.text);
  }

  #service(name: string) {
    const project = this.#context.project();
    const service = project.services[name] ?? project.disabledServices[name];
    if (service === undefined) throw unknownService(project, name);
    return { project, service };
  }
}
