import path from 'node:path';
import type { Clock } from '#base/clock.ts';
import type { TextStore } from '#base/textStore.ts';
import type { Project } from '#compose/project.ts';
import { AppFailure } from '#contract/errors.ts';
import type { BuildView } from '#contract/requests/builds.ts';
import { fileStore } from '#disk/fileStore.ts';
import type { Engine } from '#engine/engine.ts';
import { listTags } from '#images/registry/tags.ts';
import { type LoginPlaces, registryAuth } from '#images/registryAuth.ts';
import type { SwitchWorld } from '#middleware/switch/world.ts';
import type { ObservedContainer, ObservedState } from '#plan/observed.ts';
import type { RunEvent } from '#run/events.ts';
import { Builds } from './builds/builds.ts';
import type { CoreOptions } from './coreOptions.ts';
import { CheckpointStore } from './data/checkpointStore.ts';
import { Data } from './data/data.ts';
import { requireOwnData } from './data/preflight.ts';
import { executorOf, pullAlone } from './executor.ts';
import { Memory } from './memory/memory.ts';
import { findPrerequisites } from './prerequisites/prerequisites.ts';
import { createProduction } from './production/createProduction.ts';
import type { Production } from './production/production.ts';
import { swapMarkers } from './production/swapRecords.ts';
import type { ProjectSource } from './projectSource.ts';
import { pullPlan } from './pullPlan.ts';
import type { Execute, Runs } from './runs.ts';
import { lastFailure } from './share/lastFailure.ts';
import { Share, type ShareContext } from './share/share.ts';
import { type BuildOptions, Stack } from './stack.ts';
import { bootOne } from './versions/bootOne.ts';
import { Matrix } from './versions/matrix/matrix.ts';
import { readOwnFile, slipwayFiles, writeOwnFile } from './versions/slipwayFiles.ts';
import { Versions } from './versions/versions.ts';
import { Watches } from './watch/watches.ts';
import type { WorkspaceLogs } from './workspaceLogs.ts';

/** What the parts of a workspace may know of it. */
export interface PartsHost {
  readonly options: CoreOptions;
  readonly runs: Runs;
  readonly source: ProjectSource;
  /** Throws `engine.*` while there is no engine. */
  readonly engine: () => Engine;
  readonly apiVersion: () => string;
  /** The engine's, where it has said how many. */
  readonly processors: () => number | undefined;
  /** Whether a window shows what happens. */
  readonly watched: () => boolean;
  /** Resolves when the engine has answered for the first time, or it is known why it does not. */
  readonly answered: () => Promise<void>;
  readonly observe: (project: Project, signal?: AbortSignal) => Promise<ObservedState>;
  readonly containers: () => readonly ObservedContainer[];
  readonly replicas: (service: string) => readonly ObservedContainer[];
  readonly oomKills: (service: string) => number;
  readonly freeMemory: () => number;
  /** The project's key in the state folder; another name of the project has another. */
  readonly key: () => string;
  readonly usualBootMs: () => number | undefined;
  /** A listener for the events of a boot that is about to begin. */
  readonly recordBoot: (project: Project) => (event: RunEvent) => void;
  /** Writes a line of ours into the service's log. */
  readonly mark: (service: string, marker: Parameters<WorkspaceLogs['mark']>[1]) => void;
  /** Lines of a span, of containers that are gone too. */
  readonly logs: ShareContext['logs'];
  /** Something that the records show has changed. */
  readonly changed: () => void;
}

/** What can be done with a project, a part for each kind of work. */
export interface WorkspaceParts {
  readonly stack: Stack;
  readonly versions: Versions;
  readonly matrix: Matrix;
  readonly data: Data;
  readonly production: Production;
  readonly share: Share;
  readonly builds: Builds;
  readonly watches: Watches;
  readonly memory: Memory;
}

type BootService = SwitchWorld['bootService'];
/** `startsAfter`: no container is started before that. */
type MakeExecutor = (project: Project, build?: BuildOptions, startsAfter?: Promise<void>) => Execute;

/** Makes the parts and hands each what it needs of the others; none of them knows the workspace. */
export function createParts(host: PartsHost): WorkspaceParts {
  const executor: MakeExecutor = (project, build = {}, startsAfter) =>
    createExecutor(host, parts, { project, build, startsAfter });
  const bootService: BootService = (request) => bootInside(host, executor, request);
  const builds = createBuilds(host, executor);
  const parts: WorkspaceParts = {
    stack: createStack(host, executor),
    versions: createVersions(host, bootService, () => parts.production),
    matrix: createMatrix(host, executor),
    data: createData(host, bootService, () => parts.versions),
    production: createSwaps(host, executor),
    share: createShare(host, () => parts.data),
    builds,
    watches: createWatches(host, builds),
    memory: createMemory(host),
  };
  return parts;
}

function clockOf(host: PartsHost): Clock {
  return host.options.clock;
}

function loginsOf({ options }: PartsHost): LoginPlaces {
  return { environment: options.environment, home: options.folders.home };
}

function createStack(host: PartsHost, executor: MakeExecutor): Stack {
  return new Stack({
    runs: host.runs,
    project: () => host.source.require(),
    shown: () => shown(host),
    fresh: () => host.source.loadIfChanged(),
    answered: host.answered,
    observe: host.observe,
    apiVersion: host.apiVersion,
    prerequisites: async (input) => findPrerequisites(input, { local: await seesOurFiles(host.engine()) }),
    executor,
    usualBootMs: host.usualBootMs,
    pullBytes: (project) => pullBytes(host, project),
    recordBoot: host.recordBoot,
  });
}

/** Only an engine of this machine mounts what is on its disk; the socket of another may still be a file here. */
async function seesOurFiles(engine: Engine): Promise<boolean> {
  const { endpoint } = await engine.info();
  return endpoint.startsWith('unix:') || endpoint.startsWith('npipe:');
}

/** A registry that cannot be asked is no reason not to boot: then the progress has no total. */
async function pullBytes(host: PartsHost, project: Project): Promise<number | undefined> {
  try {
    const world = { engine: host.engine(), logins: loginsOf(host), signal: undefined };
    const { images, totalBytes } = await pullPlan(project, world);
    return images.some(({ error }) => error !== undefined) || totalBytes === 0 ? undefined : totalBytes;
  } catch (thrown) {
    if (thrown instanceof AppFailure) return undefined;
    throw thrown;
  }
}

/** The last project that could be read, so that what runs can be stopped while a file is being edited. */
function shown({ source }: PartsHost): Project {
  return source.shown ?? source.require();
}

function createVersions(host: PartsHost, bootService: BootService, production: () => Production): Versions {
  const { options, source } = host;
  const logins = loginsOf(host);
  const rates = path.join(options.folders.state, 'carry-rates.json');
  return new Versions({
    runs: host.runs,
    clock: clockOf(host),
    newId: options.newId,
    project: () => source.require(),
    loadWith: (override) => source.loadWith(override),
    reload: () => source.load(),
    engine: host.engine,
    apiVersion: host.apiVersion,
    pull: (image, onBytes, signal) => pullAlone({ engine: host.engine(), logins, image, onBytes, signal }),
    bootService,
    store: ownStore(host, 'versions'),
    rates: { read: () => readOwnFile(rates), write: (text) => writeOwnFile(rates, text) },
    productionTag: (service) => production().knownTag(service),
    listTags: async (image) => {
      const { registryMirrors } = await host.engine().info();
      return listTags({
        image,
        mirrors: registryMirrors,
        authFor: (name) => registryAuth(name, logins),
        fetch,
      });
    },
  });
}

function createMatrix(host: PartsHost, executor: MakeExecutor): Matrix {
  const journal = () => path.join(shown(host).workingDir, '.slipway', 'matrix.json');
  return new Matrix({
    runs: host.runs,
    clock: clockOf(host),
    newId: host.options.newId,
    project: () => host.source.require(),
    engine: host.engine,
    apiVersion: host.apiVersion,
    observe: host.observe,
    executor: (project) => executor(project),
    journal: { read: () => readOwnFile(journal()), write: (text) => writeOwnFile(journal(), text) },
  });
}

async function bootInside(
  host: PartsHost,
  executor: MakeExecutor,
  request: Parameters<BootService>[0],
): ReturnType<BootService> {
  const { service, without, startsAfter, signal } = request;
  const project = host.source.require();
  const observe = (wanted: Project) => host.observe(wanted, signal);
  return bootOne({
    project,
    service,
    without,
    observe,
    apiVersion: host.apiVersion(),
    execute: executor(project, {}, startsAfter),
    onEvent: (plan, event) => host.runs.hearWithin(plan, event),
    signal,
  });
}

function createData(host: PartsHost, bootService: BootService, versions: () => Versions): Data {
  const { options, source } = host;
  const own = (name: string) => {
    const file = () => path.join(source.require().workingDir, '.slipway', name);
    return { read: () => readOwnFile(file()), write: (text?: string) => writeOwnFile(file(), text) };
  };
  const checkpoints = () => path.join(options.folders.state, 'checkpoints', host.key());
  return new Data({
    runs: host.runs,
    clock: clockOf(host),
    newId: options.newId,
    project: () => shown(host),
    engine: host.engine,
    store: () => new CheckpointStore(checkpoints(), () => clockOf(host).now()),
    files: () => slipwayFiles(shown(host).workingDir),
    reload: () => source.load(),
    bootService,
    requireUndisturbed: () => versions().requireUndisturbed(source.require()),
    journal: own('replace.json'),
    stopped: own('stopped.json'),
  });
}

function createBuilds(host: PartsHost, executor: MakeExecutor): Builds {
  return new Builds({
    runs: host.runs,
    clock: clockOf(host),
    project: () => host.source.require(),
    observe: host.observe,
    engine: host.engine,
    apiVersion: host.apiVersion,
    executor,
    store: ownStore(host, 'builds'),
  });
}

function createWatches(host: PartsHost, builds: Builds): Watches {
  return new Watches({
    runs: host.runs,
    project: () => host.source.require(),
    engine: host.engine,
    containers: host.containers,
    replace: (service) => builds.replace({ service }),
    now: () => clockOf(host).now(),
    store: ownStore(host, 'watch'),
    changed: host.changed,
  });
}

function createMemory(host: PartsHost): Memory {
  return new Memory({
    source: host.source,
    engine: host.engine,
    replicas: host.replicas,
    oomKills: host.oomKills,
    freeBytes: host.freeMemory,
    store: ownStore(host, 'memory'),
    role: host.options.purpose === 'command' ? 'reads' : 'listens',
    changed: host.changed,
  });
}

/** Files of the project's own, wherever its name leads at the time. */
function ownStore(host: PartsHost, kind: string): TextStore {
  return fileStore(() => path.join(host.options.folders.state, kind, host.key()));
}

function createExecutor(
  host: PartsHost,
  parts: WorkspaceParts,
  {
    project,
    build,
    startsAfter,
  }: {
    readonly project: Project;
    readonly build: BuildOptions;
    readonly startsAfter?: Promise<void> | undefined;
  },
): Execute {
  const engine = host.engine();
  return executorOf({
    engine,
    processors: host.processors(),
    watched: host.watched,
    clock: clockOf(host),
    logins: loginsOf(host),
    project,
    build,
    newId: host.options.newId,
    onBuild: (view: BuildView) => parts.builds.book.hear(view),
    contexts: parts.builds.book,
    keepVolume: (volume, options) => parts.data.keepInBin(volume, options),
    checkData: async (request) => {
      const lanes = () => slipwayFiles(project.workingDir).readLanes();
      await requireOwnData({ ...request, engine, project, lanes });
      await startsAfter;
    },
  });
}

function createSwaps(host: PartsHost, executor: MakeExecutor): Production {
  return createProduction({
    options: host.options,
    runs: host.runs,
    source: host.source,
    engine: host.engine,
    apiVersion: host.apiVersion,
    observe: host.observe,
    executor,
    replicas: host.replicas,
    changed: (before, after) => {
      for (const { service, marker } of swapMarkers(before, after)) host.mark(service, marker);
      host.changed();
    },
  });
}

function createShare(host: PartsHost, data: () => Data): Share {
  return new Share({
    runs: host.runs,
    clock: clockOf(host),
    project: () => host.source.require(),
    engine: host.engine,
    environment: host.options.environment,
    logins: loginsOf(host),
    branch: () => host.source.branch,
    ranImage: (service) => host.replicas(service)[0]?.imageId,
    lastFailure: () => lastFailure(host.containers(), host.runs.failures),
    logs: host.logs,
    checkpoints: async () => (await data().view()).checkpoints,
    exportCheckpoint: (id, file) => data().exportTo(id, file),
  });
}
