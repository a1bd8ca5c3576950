import os from 'node:os';
import { AppFailure } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { LocalRegistryView } from '#contract/requests/share.ts';
import type { ContainerSummary } from '#engine/containers.ts';
import type { Engine } from '#engine/engine.ts';

/** The real one, as everybody runs it. */
export const REGISTRY_IMAGE = 'registry:2';
/** Not 5000: that is where macOS answers AirPlay, and where everybody's own registry stands. */
export const REGISTRY_PORT = 5050;
const PURPOSE = 'dev.slipway.purpose';
const PORT_LABEL = 'dev.slipway.registry.port';
const DOCKER_HUB = 'https://registry-1.docker.io';
const INSIDE_PORT = 5000;
/** A registry that has just been started answers within this, or does not. */
const START_LIMIT_MS = 20_000;
const ASK_LIMIT_MS = 3_000;
const BETWEEN_ASKS_MS = 100;

type Role = 'registry' | 'registry-cache';
const ROLES: readonly Role[] = ['registry', 'registry-cache'];

export interface StartRegistry {
  readonly reach: 'thisMachine' | 'network';
  readonly port?: number | undefined;
  readonly image?: string | undefined;
}

export interface RegistryWorld {
  readonly engine: Engine;
  readonly pull: (image: string, signal: AbortSignal | undefined) => Promise<void>;
  readonly fetch: typeof fetch;
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Only the one on this port; absent: whichever there is. */
  readonly only?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A registry on this machine: one container takes pushes, a second passes pulls of Docker Hub on and keeps what it has passed.
 * Two, because the registry's own software does either, not both. What they hold stays in volumes when they stop.
 */
export async function startRegistry(
  request: StartRegistry,
  world: RegistryWorld,
): Promise<LocalRegistryView> {
  const { engine, signal } = world;
  const image = request.image ?? REGISTRY_IMAGE;
  await stopRegistry(world);
  if ((await engine.inspectImage(image, { signal })) === undefined) await world.pull(image, signal);
  const { registryMirrors } = await engine.info({ signal });
  const port = request.port ?? REGISTRY_PORT;
  const upstream = registryMirrors.find((mirror) => !isPort(mirror, port + 1)) ?? DOCKER_HUB;
  try {
    for (const role of ROLES) await startOne(role, { ...request, image, port, upstream }, world);
    await Promise.all([answers(port, world), answers(port + 1, world)]);
  } catch (thrown) {
    await stopRegistry({ ...world, signal: undefined });
    throw thrown;
  }
  return registryView(world);
}

/** The containers go, the volumes with what was pushed and kept stay. */
export async function stopRegistry(world: Pick<RegistryWorld, 'engine' | 'signal' | 'only'>): Promise<void> {
  const { engine, signal } = world;
  for (const role of ROLES)
    for (const { id } of await containersOf(world, role))
      await engine.removeContainer(id, { force: true, signal });
}

export async function registryView(world: RegistryWorld): Promise<LocalRegistryView> {
  const { engine, signal } = world;
  const [[registry], [cache], { registryMirrors }] = await Promise.all([
    containersOf(world, 'registry'),
    containersOf(world, 'registry-cache'),
    engine.info({ signal }),
  ]);
  const port = Number(registry?.labels[PORT_LABEL] ?? REGISTRY_PORT);
  const running = registry?.state === 'running' && cache?.state === 'running';
  return {
    state: registry === undefined ? 'absent' : running ? 'running' : 'stopped',
    address: `127.0.0.1:${port}`,
    cacheAddress: `http://127.0.0.1:${port + 1}`,
    cacheUsed: registryMirrors.some((mirror) => isPort(mirror, port + 1)),
    shared: registry && isShared(registry) ? lanAddresses().map((address) => `${address}:${port}`) : [],
    images: running ? await imagesOf(port, world) : [],
    image: registry?.image ?? REGISTRY_IMAGE,
  };
}

interface Start extends StartRegistry {
  readonly image: string;
  readonly port: number;
  readonly upstream: string;
}

async function startOne(role: Role, request: Start, { engine, signal }: RegistryWorld): Promise<void> {
  const name = `slipway-${role}-${request.port}`;
  const port = role === 'registry' ? request.port : request.port + 1;
  const listen = request.reach === 'network' ? '0.0.0.0' : '127.0.0.1';
  // A mirror on this machine's loopback is out of reach from a network of the engine's own.
  const onHost = role === 'registry-cache' && isLoopback(request.upstream);
  const { id } = await engine.createContainer({
    name,
    body: {
      Image: request.image,
      Env: [
        ...(role === 'registry'
          ? ['REGISTRY_STORAGE_DELETE_ENABLED=true']
          : [`REGISTRY_PROXY_REMOTEURL=${request.upstream}`]),
        ...(onHost ? [`REGISTRY_HTTP_ADDR=${listen}:${port}`] : []),
      ],
      ExposedPorts: { [`${INSIDE_PORT}/tcp`]: {} },
      Labels: { [PURPOSE]: role, [PORT_LABEL]: String(request.port) },
      HostConfig: {
        Mounts: [{ Type: 'volume', Source: name, Target: '/var/lib/registry' }],
        RestartPolicy: { Name: 'unless-stopped' },
        ...(onHost
          ? { NetworkMode: 'host' }
          : { PortBindings: { [`${INSIDE_PORT}/tcp`]: [{ HostIp: listen, HostPort: String(port) }] } }),
      },
    },
    signal,
  });
  await engine.startContainer(id as ContainerId, { signal });
}

async function answers(port: number, { fetch: ask, wait, signal }: RegistryWorld): Promise<void> {
  const until = Date.now() + START_LIMIT_MS;
  for (;;) {
    const answer = await ask(`http://127.0.0.1:${port}/v2/`, { signal: timed(signal) }).catch(
      () => undefined,
    );
    await answer?.body?.cancel();
    if (answer?.ok) return;
    if (Date.now() > until)
      throw new AppFailure({
        kind: 'registry.unreachable',
        registry: `127.0.0.1:${port}`,
        reason: 'network',
        message: `The registry was started and does not answer on port ${port}.`,
        hint: `docker logs slipway-registry-${port} says why.`,
      });
    await wait(BETWEEN_ASKS_MS, signal);
  }
}

async function imagesOf(port: number, world: RegistryWorld): Promise<LocalRegistryView['images']> {
  const list = await json<{ repositories?: unknown }>(port, '_catalog?n=200', world);
  const names = Array.isArray(list?.repositories) ? list.repositories.map(String) : [];
  return Promise.all(
    names.map(async (name) => {
      const found = await json<{ tags?: unknown }>(port, `${name}/tags/list`, world);
      return { name, tags: Array.isArray(found?.tags) ? found.tags.map(String).sort() : [] };
    }),
  );
}

/** Undefined where it does not answer: what it holds is then not known, and the state says so. */
async function json<T>(
  port: number,
  path: string,
  { fetch: ask, signal }: RegistryWorld,
): Promise<T | undefined> {
  const answer = await ask(`http://127.0.0.1:${port}/v2/${path}`, { signal: timed(signal) }).catch(
    () => undefined,
  );
  return answer?.ok ? ((await answer.json().catch(() => undefined)) as T | undefined) : undefined;
}

function timed(signal: AbortSignal | undefined): AbortSignal {
  const limit = AbortSignal.timeout(ASK_LIMIT_MS);
  return signal ? AbortSignal.any([signal, limit]) : limit;
}

function containersOf(
  { engine, only, signal }: Pick<RegistryWorld, 'engine' | 'signal' | 'only'>,
  role: Role,
): Promise<readonly ContainerSummary[]> {
  const port = only === undefined ? [] : [`${PORT_LABEL}=${only}`];
  return engine.listContainers({ all: true, labels: [`${PURPOSE}=${role}`, ...port], signal });
}

function isShared({ ports }: ContainerSummary): boolean {
  return ports.some(({ hostIp }) => hostIp === '0.0.0.0' || hostIp === '::');
}

function lanAddresses(): readonly string[] {
  return Object.values(os.networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .filter(({ family, internal, address }) => family === 'IPv4' && !internal && !address.startsWith('172.'))
    .map(({ address }) => address);
}

function isPort(mirror: string, port: number): boolean {
  return URL.canParse(mirror) && isLoopback(mirror) && Number(new URL(mirror).port) === port;
}

function isLoopback(address: string): boolean {
  return (
    URL.canParse(address) && /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(address).hostname)
  );
}
