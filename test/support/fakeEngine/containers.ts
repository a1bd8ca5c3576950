import type { ContainerId } from '#contract/ids.ts';
import type { ContainerFilter, CreateContainer } from '#engine/containers.ts';
import { containerDetails } from '#engine/dockerode/containerShape.ts';
import type { Engine } from '#engine/engine.ts';
import { containerRaw } from './containerRaw.ts';
import { LogStore } from './logs.ts';
import { mountsOf } from './mounts.ts';
import { bindingsOf } from './ports.ts';
import {
  exited,
  killProcess,
  mustRun,
  removeNow,
  signalProcess,
  startProcess,
  stopProcess,
} from './process.ts';
import { changed, type FakeContainer, type FakeEndpoint, type FakeImage, until } from './state.ts';
import { conflict, hasLabel, notFound, type World } from './world.ts';

type ContainerCalls = Pick<
  Engine,
  | 'listContainers'
  | 'inspectContainer'
  | 'createContainer'
  | 'startContainer'
  | 'stopContainer'
  | 'killContainer'
  | 'restartContainer'
  | 'pauseContainer'
  | 'unpauseContainer'
  | 'renameContainer'
  | 'removeContainer'
  | 'waitContainer'
  | 'updateContainer'
  | 'top'
  | 'changes'
>;

export function containerCalls(world: World): ContainerCalls {
  return {
    async listContainers(filter) {
      return [...world.containers.values()]
        .filter((container) => selected(container, filter))
        .toSorted((left, right) => right.created - left.created || right.id.localeCompare(left.id))
        .map((container) => details(world, container));
    },
    inspectContainer: async (id) => details(world, world.container(id)),
    createContainer: async (request) => create(world, request),
    startContainer: async (id) => startProcess(world, world.container(id)),
    stopContainer: async (id, options) => stopProcess(world, world.container(id), options ?? {}),
    killContainer: async (id, options) =>
      killProcess(world, world.container(id), options?.signalName ?? 'SIGKILL'),
    async restartContainer(id, options) {
      const container = world.container(id);
      await stopProcess(world, container, options ?? {});
      startProcess(world, container);
      world.emitContainer(container, 'restart');
    },
    async pauseContainer(id) {
      const container = world.container(id);
      mustRun(container);
      container.state = 'paused';
      world.emitContainer(container, 'pause');
    },
    async unpauseContainer(id) {
      const container = world.container(id);
      if (container.state !== 'paused') throw conflict('container', id, `Container ${id} is not paused.`);
      container.state = 'running';
      world.emitContainer(container, 'unpause');
    },
    async renameContainer(id, name) {
      const container = world.container(id);
      requireFreeName(world, name);
      const attributes = { oldName: `/${container.name}` };
      container.name = name;
      world.emitContainer(container, 'rename', { attributes });
    },
    removeContainer: async (id, options) => remove(world, id, options ?? {}),
    waitContainer: (id, options) => wait(world.container(id), options?.condition ?? 'not-running'),
    async updateContainer(id, { memoryBytes, nanoCpus, restart }) {
      const container = world.container(id);
      const limits = {
        ...(memoryBytes === undefined ? {} : { Memory: memoryBytes }),
        ...(nanoCpus === undefined ? {} : { NanoCpus: nanoCpus }),
        ...(restart && {
          RestartPolicy: { Name: restart.name, MaximumRetryCount: restart.maximumRetries ?? 0 },
        }),
      };
      container.body = { ...container.body, HostConfig: { ...container.body.HostConfig, ...limits } };
      world.emitContainer(container, 'update');
    },
    async top(id) {
      const container = world.container(id);
      mustRun(container);
      return { titles: ['UID', 'PID', 'CMD'], rows: [['root', '1001', container.command.join(' ')]] };
    },
    async changes(id) {
      return [...world.container(id).files.keys()].sort().map((path) => ({ path, kind: 'added' as const }));
    },
  };
}

export function details(world: World, container: FakeContainer) {
  return containerDetails(containerRaw(world, container));
}

function selected(container: FakeContainer, filter: ContainerFilter): boolean {
  if (!filter.all && !['running', 'paused', 'restarting'].includes(container.state)) return false;
  if (filter.names?.length && !filter.names.includes(container.name)) return false;
  if (filter.ids?.length && !filter.ids.some((id) => container.id.startsWith(id))) return false;
  return (filter.labels ?? []).every((label) => hasLabel(container.labels, label));
}

function create(world: World, { name, body }: CreateContainer): { id: ContainerId; warnings: string[] } {
  requireFreeName(world, name);
  const image = localImage(world, body.Image);
  const id = world.newId() as ContainerId;
  const healthcheck = body.Healthcheck ?? image.config.Healthcheck;
  const container: FakeContainer = {
    id,
    name,
    body,
    image,
    labels: { ...image.config.Labels, ...body.Labels },
    command: [
      ...(body.Entrypoint ?? image.config.Entrypoint),
      ...(body.Cmd ?? (body.Entrypoint == null ? image.config.Cmd : [])),
    ],
    healthcheck: healthcheck?.Test?.[0] === 'NONE' || !healthcheck?.Test?.length ? undefined : healthcheck,
    created: world.clock.now(),
    mounts: mountsOf(world, body, image),
    endpoints: endpointsOf(body, id),
    bindings: bindingsOf(body),
    logs: new LogStore(world.clock),
    files: new Map(),
    state: 'created',
    health: 'none',
    healthLog: [],
    failingStreak: 0,
    exitCode: 0,
    error: '',
    oomKilled: false,
    startedAt: undefined,
    finishedAt: undefined,
    restartCount: 0,
    runs: 0,
    stopped: false,
    running: undefined,
    removed: false,
    input: [],
    watchers: new Set(),
  };
  world.containers.set(id, container);
  world.emitContainer(container, 'create');
  return { id, warnings: [] };
}

function requireFreeName(world: World, name: string): void {
  const holder = [...world.containers.values()].find((container) => container.name === name);
  if (holder === undefined) return;
  throw conflict(
    'container',
    name,
    `The container name "/${name}" is already in use by container "${holder.id}".`,
  );
}

export function localImage(world: World, reference: string): FakeImage {
  const tagged = /[@:][^/]*$/.test(reference) ? reference : `${reference}:latest`;
  const found = world.images.find(
    (image) => image.id === reference || image.tags.includes(tagged) || image.digests.includes(reference),
  );
  if (found === undefined) throw notFound('image', reference);
  return found;
}

/** Without networks of its own a container is on the default bridge, which is always there. */
function endpointsOf(body: CreateContainer['body'], id: string): Map<string, FakeEndpoint> {
  const mode = body.HostConfig?.NetworkMode ?? 'default';
  if (mode === 'none' || mode === 'host' || mode.startsWith('container:')) return new Map();
  const configured = Object.entries(body.NetworkingConfig?.EndpointsConfig ?? {});
  const names = configured.length > 0 ? configured : [[mode === 'default' ? 'bridge' : mode, {}] as const];
  return new Map(
    names.map(([network, endpoint]) => {
      const aliases = [...((endpoint as { Aliases?: readonly string[] }).Aliases ?? []), id.slice(0, 12)];
      return [network, { network, aliases, ip: '' }];
    }),
  );
}

async function remove(
  world: World,
  id: string,
  options: { readonly force?: boolean; readonly anonymousVolumes?: boolean },
): Promise<void> {
  const container = world.findContainer(id);
  if (container === undefined) return;
  const runs =
    container.state === 'running' || container.state === 'paused' || container.state === 'restarting';
  if (runs && !options.force) {
    throw conflict('container', id, `You cannot remove a running container ${container.id}.`);
  }
  container.stopped = true;
  if (container.state === 'restarting') exited(world, container, container.exitCode);
  else if (runs) signalProcess(world, container, 'SIGKILL');
  removeNow(world, container, options.anonymousVolumes);
  changed(container);
}

async function wait(
  container: FakeContainer,
  condition: 'not-running' | 'next-exit' | 'removed',
): Promise<number> {
  const gone = () => container.removed;
  switch (condition) {
    case 'not-running':
      await until(container, () => gone() || !['running', 'paused', 'restarting'].includes(container.state));
      break;
    case 'next-exit': {
      const finished = container.finishedAt;
      const runs = container.runs;
      await until(
        container,
        () =>
          gone() ||
          (container.finishedAt !== undefined &&
            (container.finishedAt !== finished || container.runs > runs)),
      );
      break;
    }
    case 'removed':
      await until(container, gone);
      break;
  }
  return container.exitCode;
}
