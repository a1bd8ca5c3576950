import path from 'node:path';
import type { Clock } from '#base/clock.ts';
import { type Disposable, Disposables } from '#base/disposables.ts';
import { Emitter } from '#base/emitter.ts';
import { SequentialQueue } from '#base/sequentialQueue.ts';
import type { Project } from '#compose/project.ts';
import type { RunId, WorkspaceId } from '#contract/ids.ts';
import type { ServiceRecord } from '#contract/model.ts';
import type { BootTimeline, PullPlan } from '#contract/requests/boot.ts';
import type { Engine } from '#engine/engine.ts';
import { replicasOf } from '#plan/input.ts';
import type { ObservedContainer, ObservedState } from '#plan/observed.ts';
import type { RunEvent, RunResult } from '#run/events.ts';
import { usualBootMs } from '#run/history.ts';
import { BootBook } from './bootBook.ts';
import type { Builds } from './builds/builds.ts';
import type { CoreOptions } from './coreOptions.ts';
import type { Data } from './data/data.ts';
import { applyDataFix, isDataFix } from './data/dataFixes.ts';
import { FailureWatch } from './failureWatch.ts';
import { applyFix } from './fixes/applyFix.ts';
import type { FixRequest } from './fixes/fixContext.ts';
import { freeMemory } from './memory/freeMemory.ts';
import type { Memory } from './memory/memory.ts';
import type { Production } from './production/production.ts';
import { swapRecords } from './production/swapRecords.ts';
import { projectKey } from './projectKey.ts';
import { ProjectLogs } from './projectLogs.ts';
import { ProjectObservation } from './projectObservation.ts';
import { type ProjectRequest, ProjectSource } from './projectSource.ts';
import { pullPlan } from './pullPlan.ts';
import { Recovery } from './recovery.ts';
import { reduceWorkspace } from './reduceWorkspace.ts';
import { oneReplica, pauseAll, unpauseAll } from './replicas.ts';
import { Runs } from './runs.ts';
import type { RunTracker } from './runTracker.ts';
import { ServiceReducer } from './serviceReducer.ts';
import { logsBetween } from './share/logsBetween.ts';
import type { Share } from './share/share.ts';
import type { Stack } from './stack.ts';
import { Throttle } from './throttle.ts';
import type { Matrix } from './versions/matrix/matrix.ts';
import { switchToToday } from './versions/todaysVersion.ts';
import type { Versions } from './versions/versions.ts';
import type { Watches } from './watch/watches.ts';
import type { WorkspaceContext } from './workspaceContext.ts';
import type { WorkspaceLogs } from './workspaceLogs.ts';
import { createParts, type PartsHost } from './workspaceParts.ts';
import { runRecords, WorkspacePublisher } from './workspacePublisher.ts';

/** Often enough for an eye, seldom enough that 200 services cost nothing. */
const PUBLISH_MS = 30;

/** One open project: its files, what the engine holds of it, the work on it, and the records that say all this. */
export class Workspace implements Disposable {
  readonly id: WorkspaceId;
  readonly source: ProjectSource;
  readonly runs: Runs;
  readonly stack: Stack;
  readonly versions: Versions;
  readonly matrix: Matrix;
  readonly data: Data;
  readonly production: Production;
  readonly share: Share;
  readonly builds: Builds;
  readonly watches: Watches;
  readonly memory: Memory;
  /** The containers have changed. */
  readonly observedChanges = new Emitter<void>();
  readonly #context: WorkspaceContext;
  readonly #disposables = new Disposables();
  readonly #publish: Throttle;
  readonly #publisher: WorkspacePublisher;
  readonly #services = new ServiceReducer();
  /** By record of `#services`: the same with what else is known of the service. */
  readonly #whole = new WeakMap<ServiceRecord, ServiceRecord>();
  readonly #failures: FailureWatch;
  readonly #recovery: Recovery;
  readonly #book: BootBook;
  /** Clicks on several cards are served one after the other. */
  readonly #today = new SequentialQueue();
  readonly #logs: ProjectLogs;
  readonly #observation: ProjectObservation;
  #wasLive = false;

  constructor(id: WorkspaceId, request: ProjectRequest, context: WorkspaceContext) {
    this.id = id;
    this.#context = context;
    this.#publisher = new WorkspacePublisher(context.feed);
    this.#disposables.defer(() => this.#publisher.withdraw());
    this.#publish = this.#disposables.add(new Throttle(() => this.#publishNow(), PUBLISH_MS));
    this.source = this.#disposables.add(new ProjectSource(request, context.options.environment));
    this.#failures = this.#disposables.add(new FailureWatch(() => this.#publish.schedule()));
    this.#logs = this.#disposables.add(
      new ProjectLogs({
        folder: path.join(context.options.folders.state, 'logs'),
        clock: this.clock,
        key: () => this.#key,
        role: context.options.purpose === 'command' ? 'reads' : 'collects',
        logger: context.options.logger,
      }),
    );
    this.#book = this.#disposables.add(
      new BootBook({
        options: context.options,
        history: context.history,
        key: () => this.#key,
        changed: () => this.#publish.schedule(),
        containers: () => this.containers,
        branch: () => this.source.branch,
        logs: () => this.#logs.opened,
      }),
    );
    this.runs = this.#disposables.add(
      new Runs({
        workspace: id,
        now: () => this.clock.now(),
        newId: context.options.newId,
        changed: () => this.#publish.schedule(),
        onlyWaits: ({ record }) => this.#observation.lookAhead(record.steps),
        ended: () => {
          this.#publishNow();
          this.#recovery.begin();
        },
        settled: (run, result) => this.#settle(run, result),
      }),
    );
    this.#observation = this.#disposables.add(
      new ProjectObservation({
        context,
        source: this.source,
        key: () => this.#key,
        checks: () => this.runs.checks,
        memory: () => this.memory,
        changed: () => this.#publish.schedule(),
      }),
    );
    this.#recovery = new Recovery({
      runs: this.runs,
      parts: () => this,
      ownFolder: () => {
        const folder = this.source.shown?.workingDir;
        return folder === undefined ? undefined : path.join(folder, '.slipway');
      },
      ready: () => this.live && this.source.status.type === 'loaded',
      failed: (thrown) =>
        context.options.logger.error({ thrown }, 'work that was cut off cannot be recovered'),
    });
    const parts = createParts(this.#host());
    this.stack = parts.stack;
    this.versions = parts.versions;
    this.matrix = parts.matrix;
    this.data = parts.data;
    this.production = this.#disposables.add(parts.production);
    this.share = parts.share;
    this.builds = parts.builds;
    this.watches = this.#disposables.add(parts.watches);
    this.memory = this.#disposables.add(parts.memory);
  }

  get #logger(): CoreOptions['logger'] {
    return this.#context.options.logger;
  }

  get clock(): Clock {
    return this.#context.options.clock;
  }

  /** All containers of the project: replicas, one-offs, orphans. */
  get containers(): readonly ObservedContainer[] {
    return this.#observation.containers;
  }

  /** The engine's containers are known, and every change of them is heard. */
  get live(): boolean {
    return this.#context.watch.live;
  }

  /** Reads the files and begins to observe. Resolves when the files have been read, well or badly. */
  async start(): Promise<void> {
    this.#disposables.add(this.source.changes.on(() => this.#projectChanged()));
    this.#disposables.add(this.#context.watch.changes.on((projects) => this.#containersChanged(projects)));
    this.#publish.schedule();
    await this.source.load();
    await this.#book.start();
    await this.memory.start();
    await this.#observation.start();
    this.#recovery.begin();
    // Its containers may be known already, and quiet: then no change of theirs begins it.
    this.#collectLogs();
    this.#publishNow();
  }

  /** Throws the reason where there is no engine. */
  engine(): Engine {
    return this.#context.link.require();
  }

  /** A container of a service. Throws `notFound`. */
  replica(service: string, number?: number): ObservedContainer {
    return oneReplica(this.replicas(service), { service, number });
  }

  /** A service's containers by number; a health that a run has proven counts. */
  replicas(service: string): readonly ObservedContainer[] {
    return replicasOf(this.#observation.state, service);
  }

  pause(service: string): Promise<void> {
    return pauseAll(this.engine(), this.replicas(service));
  }

  unpause(service: string): Promise<void> {
    return unpauseAll(this.engine(), this.replicas(service));
  }

  /** The last boots, newest first. */
  get boots(): readonly BootTimeline[] {
    return this.#book.boots;
  }

  /** What a boot would have to download. */
  pullPlan(signal: AbortSignal | undefined): Promise<PullPlan> {
    const { options } = this.#context;
    const logins = { environment: options.environment, home: options.folders.home };
    return pullPlan(this.source.require(), { engine: this.engine(), logins, signal });
  }

  /** Does what a button of a failure card says. A boot that only waits any more gives way: it is begun again after the fix. */
  async fix(request: FixRequest): Promise<{ readonly run: RunId }> {
    if (request.fix === 'image.today') return this.#today.run(() => switchToToday(this, request.service));
    await this.runs.makeWay();
    if (request.fix.startsWith('data.reset:'))
      return this.data.reset({ service: request.fix.slice('data.reset:'.length) });
    if (isDataFix(request.fix)) return applyDataFix(this, { service: request.service, fix: request.fix });
    return applyFix(this, request);
  }

  async dispose(): Promise<void> {
    await this.production.swaps.leave().catch((thrown: unknown) => {
      this.#logger.warn({ thrown }, 'a swap could not be ended; the next start ends it');
    });
    await this.#disposables.dispose();
  }

  /** What the parts may know of their workspace. */
  #host(): PartsHost {
    return {
      options: this.#context.options,
      runs: this.runs,
      source: this.source,
      engine: () => this.engine(),
      apiVersion: () => this.#apiVersion(),
      processors: () => this.#context.link.info?.cpus,
      watched: () => this.#context.options.purpose !== 'command' && this.#context.feed.watchers > 0,
      answered: async () => void (await this.#context.link.settled()),
      observe: (project, signal) => this.#observe(project, signal),
      containers: () => this.containers,
      replicas: (service) => this.replicas(service),
      oomKills: (service) => this.#context.watch.oomKills(this.source.name, service),
      freeMemory: () => freeMemory(this.#context.link.status),
      key: () => this.#key,
      usualBootMs: () => usualBootMs(this.boots),
      recordBoot: (project) => this.#recordBoot(project),
      mark: (service, marker) => this.#logs.opened?.mark(service, marker, this.clock.now()),
      logs: (span) => logsBetween(this, span),
      changed: () => this.#publish.schedule(),
    };
  }

  #recordBoot(project: Project): (event: RunEvent) => void {
    if (this.#context.options.purpose !== 'command') this.logs.bootBegan();
    return this.#book.record(project);
  }

  #apiVersion(): string {
    this.engine();
    return this.#context.link.info?.apiVersion ?? '';
  }

  async #observe(project: Project, signal?: AbortSignal): Promise<ObservedState> {
    await this.versions.requireUndisturbed(project);
    return this.#observation.observe(project, signal);
  }

  /** Resolves when all that was heard of the engine so far stands in `containers`. */
  async settled(signal?: AbortSignal): Promise<void> {
    await this.#context.watch.settledContainers(this.source.name, signal);
  }

  #projectChanged(): void {
    void this.#observation.lookAround();
    this.production.swaps.refresh().catch((thrown: unknown) => {
      this.#logger.warn({ thrown }, 'the swaps of this project cannot be read');
    });
    this.#publish.schedule();
  }

  #containersChanged(projects: ReadonlySet<string> | 'all'): void {
    if (projects !== 'all' && !projects.has(this.source.name)) return;
    const cameBack = this.live && !this.#wasLive;
    if (!this.live) this.#recovery.again();
    this.#wasLive = this.live;
    if (cameBack) void this.#observation.lookAround();
    this.#recovery.begin();
    this.#observation.noteHealth();
    this.observedChanges.emit();
    this.watches.containersChanged();
    this.#collectLogs();
    this.#publish.schedule();
  }

  /** Resolves when what an earlier Slipway was cut off in is finished or rolled back. */
  recovered(): Promise<void> {
    return this.#recovery.done();
  }

  /** The project's logs; another name of the project has its own. */
  get logs(): WorkspaceLogs {
    return this.#logs.open();
  }

  get #key(): string {
    const { shown, name, request } = this.source;
    return projectKey({ folder: shown?.workingDir ?? request.folder, name });
  }

  #collectLogs(): void {
    const { engine } = this.#context.link;
    if (this.#context.options.purpose === 'command' || engine === undefined || !this.live) return;
    this.logs.sync(engine, this.containers).catch((thrown: unknown) => {
      this.#logger.error({ thrown }, 'logs cannot be collected');
    });
  }

  /** After a run: what it made is looked at, its failures get their cards, a boot goes into the history. */
  async #settle(run: RunTracker, result: RunResult): Promise<void> {
    const write = this.#book.ended();
    await this.settled().catch(() => undefined);
    await Promise.all([this.#lookAfter(run), write?.(run, result)]);
  }

  async #lookAfter(run: RunTracker): Promise<void> {
    await this.#observation.lookAfter(run.record.steps);
    void this.#observation.keepHealth();
    this.#publishNow();
    await this.#failures.settled();
  }

  #publishNow(): void {
    const project = this.source.shown;
    const run = this.runs.current;
    const workspace = reduceWorkspace({
      id: this.id,
      source: this.source,
      containers: this.containers,
      run,
      live: this.live,
      boots: this.boots,
      usualBootMs: usualBootMs(this.boots),
    });
    const services = project === undefined ? [] : this.#reduceServices(project);
    this.#publisher.publish([workspace, ...services, ...runRecords(run)]);
  }

  #reduceServices(project: Project): readonly ServiceRecord[] {
    const facts = this.#projectFacts(project);
    const services = this.#services.reduce(facts);
    const { containers, failures } = { containers: this.containers, failures: facts.failures };
    const { engine, info } = this.#context.link;
    this.#failures.look({ project, services, containers, failures, engine, platform: info?.platform });
    return services.map((service) => this.#withTheRest(project, service));
  }

  #withTheRest(project: Project, service: ServiceRecord): ServiceRecord {
    const definition = project.services[service.name] ?? project.disabledServices[service.name];
    const memory = definition && this.memory.record(service.name, definition);
    const apart = this.production.apart(project, service.name);
    const watching = this.watches.state(service.name);
    const before = this.#whole.get(service);
    const same = before?.apart === apart && before?.watching === watching;
    if (before !== undefined && same && before.memory?.oomKills === memory?.oomKills) return before;
    const whole = { ...service, apart, memory, watching };
    this.#whole.set(service, whole);
    return whole;
  }

  #projectFacts(project: Project) {
    return {
      workspace: this.id,
      project,
      observed: this.#observation.state,
      run: this.runs.current,
      // Not in the middle of a run that changes it.
      diverged: this.runs.current?.active ? {} : this.#observation.diverged(project),
      failures: this.runs.failures,
      cards: this.#failures.cards,
      swaps: swapRecords(this.production.swaps.leases),
    };
  }
}
