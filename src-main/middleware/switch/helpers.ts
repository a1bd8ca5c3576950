import { OF_NO_SERVICE } from '#compose/labels.ts';
import type { Project, Service } from '#compose/project.ts';
import { unknownService } from '#compose/unknownService.ts';
import { AppFailure, isKind } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { ContainerBody, MountBody } from '#engine/bodies.ts';
import { demultiplex } from '#engine/demux.ts';
import type { Engine } from '#engine/engine.ts';
import { containerBody } from '#plan/containerBody/containerBody.ts';
import type { Environment, MiddlewareProfile, Server } from '../profile.ts';
import { PROFILES, recognise } from '../profiles.ts';
import { removeLater } from '../removeSurely.ts';
import { containerServer } from '../server.ts';
import { type DataPlace, environmentOf } from './decide.ts';
import { ROLE_LABEL, SWITCH_LABEL, type SwitchJournal } from './journal.ts';
import type { SwitchWorld } from './world.ts';

/** Up to this long a server may take to start on its data: recovery of a large write-ahead log takes minutes. */
const READY_TIMEOUT_MS = 10 * 60_000;
/** At most: servers that sort and join in parallel share their memory here, and 64 MB, the engine's default, is soon full. */
const SHARED_MEMORY_BYTES = 1024 ** 3;
const FIRST_PROBE_MS = 20;
/** Most servers are up within seconds, and who waits for them notices tenths; later a second is soon enough. */
const SOON_MS = 10_000;
const SOON_PROBE_MS = 200;
const SLOWEST_PROBE_MS = 1000;
const PROBE_GROWTH = 1.5;
const SHORT_PROBE_MS = 250;
const NO_VERSION = { numbers: [], variant: '', tag: '' } as const;

export interface HelperRequest {
  readonly id: string;
  readonly role: 'source' | 'target';
  readonly project: Project;
  readonly serviceName: string;
  readonly image: string;
  readonly profile: MiddlewareProfile;
  readonly data: DataPlace;
  /** Instead of the service's own. */
  readonly hostname?: string | undefined;
  /** A volume that both sides share, where the profile has a use for it. */
  readonly meeting?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Helper {
  readonly id: ContainerId;
  readonly server: Server;
}

/**
 * A server of one version on one volume, for the time of a carry: same settings as the service, but alone. It has no
 * network at all, so that no write can slip in; everything goes through exec.
 */
export async function startHelper(world: SwitchWorld, request: HelperRequest): Promise<Helper> {
  const { engine } = world;
  const service = serviceFor(request);
  const body = await helperBody(world, request, service);
  const { id } = await engine.createContainer({
    name: helperName(request),
    body,
    platform: service.platform,
    signal: request.signal,
  });
  await engine.startContainer(id, { signal: request.signal });
  const server = serverOf(world, request, service, id);
  const probe = profileOf(request.image, request.profile).probe?.(environmentOf(service));
  if (probe)
    await untilReady(world, {
      container: id,
      probe,
      service: request.serviceName,
      image: request.image,
      signal: request.signal,
    });
  return { id, server };
}

function helperName(request: HelperRequest): string {
  return `${request.project.name}-${request.serviceName}-${request.role}-${request.id.slice(0, 8)}`;
}

function serviceFor(request: Pick<HelperRequest, 'serviceName' | 'project'>): Service {
  const service = request.project.services[request.serviceName];
  if (!service) throw unknownService(request.project, request.serviceName);
  return service;
}

async function helperBody(
  world: SwitchWorld,
  request: HelperRequest,
  service: Service,
): Promise<ContainerBody> {
  const { body } = containerBody({
    project: request.project,
    service: { ...service, image: request.image },
    serviceName: request.serviceName,
    number: 1,
    apiVersion: world.apiVersion,
    configHash: '',
    imageVolumes: [],
    links: [],
    inherit: [],
  });
  const host = body.HostConfig ?? {};
  const hostname = request.hostname ?? body.Hostname ?? helperName(request);
  const carry = request.profile.data?.carry;
  const environment =
    request.role === 'target'
      ? (carry?.prepareTarget?.(environmentOf(service)) ?? environmentOf(service))
      : environmentOf(service);
  return {
    ...withoutNetworking(body),
    Hostname: hostname,
    Env: environmentList(environment),
    Cmd: await command(world, { own: body.Cmd, memoryBytes: host.Memory, request }),
    Labels: { ...OF_NO_SERVICE, [SWITCH_LABEL]: request.id, [ROLE_LABEL]: request.role },
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      ...host,
      PortBindings: {},
      RestartPolicy: { Name: 'no' },
      ShmSize: Math.max(Number(body.HostConfig?.ShmSize ?? 0), SHARED_MEMORY_BYTES),
      NetworkMode: 'none',
      Links: [],
      // Without a network the host's own name resolves to nothing, and some servers look it up.
      ExtraHosts: [`${hostname}:127.0.0.1`],
      Binds: (host.Binds ?? []).filter((bind) => keepsMount(bind.split(':')[1] ?? '', request)),
      Mounts: [
        ...(host.Mounts ?? []).filter((mount) => keepsMount(mount.Target, request)),
        { Type: request.data.type, Source: request.data.source, Target: request.data.target },
        ...meetingMounts(request),
      ],
    },
  };
}

function withoutNetworking(body: ContainerBody): ContainerBody {
  const { NetworkingConfig: _networking, ExposedPorts: _ports, MacAddress: _address, ...rest } = body;
  return rest;
}

/** The target must not run the project's init scripts: the dump brings what they made. */
function keepsMount(path: string, request: HelperRequest): boolean {
  if (
    path === request.data.target ||
    path.startsWith(`${request.data.target}/`) ||
    request.data.target.startsWith(`${path}/`)
  )
    return false;
  if (path === meetingPath(request)) return false;
  return !(request.role === 'target' && path.startsWith('/docker-entrypoint-initdb.d'));
}

function meetingPath({ profile, role }: HelperRequest): string | undefined {
  return profile.data?.carry?.meeting?.[role];
}

function meetingMounts(request: HelperRequest): readonly MountBody[] {
  const path = meetingPath(request);
  return request.meeting === undefined || path === undefined
    ? []
    : [{ Type: 'volume', Source: request.meeting, Target: path }];
}

function environmentList(environment: Environment): readonly string[] {
  return Object.entries(environment)
    .map(([name, value]) => `${name}=${value}`)
    .sort();
}

interface Command {
  readonly own: readonly string[] | null | undefined;
  readonly memoryBytes: number | undefined;
  readonly request: HelperRequest;
}

async function command(
  world: SwitchWorld,
  { own, memoryBytes, request }: Command,
): Promise<readonly string[] | undefined> {
  const { product, data } = profileOf(request.image, request.profile);
  const prepare = data?.carry?.prepareCommand;
  if (!prepare) return own ?? undefined;
  const image = own ? undefined : await world.engine.inspectImage(request.image);
  const version = recognise(request.image, product)?.version ?? NO_VERSION;
  return prepare(own ?? image?.cmd ?? [], { side: request.role, version, memoryBytes });
}

/** The server that runs the service now, in its own container. */
export function runningServer(
  world: SwitchWorld,
  running: Pick<HelperRequest, 'image' | 'profile' | 'serviceName' | 'project'> & {
    readonly id: ContainerId;
  },
): Server {
  return serverOf(world, running, serviceFor(running), running.id);
}

function serverOf(
  world: SwitchWorld,
  request: Pick<HelperRequest, 'image' | 'profile'>,
  service: Service,
  id: ContainerId,
): Server {
  const { product } = profileOf(request.image, request.profile);
  const found = recognise(request.image, product);
  const words = [...(service.command ?? [])].flatMap((word) => word.split(/\s+/));
  const password = words[words.indexOf('--requirepass') + 1];
  return containerServer({
    engine: world.engine,
    container: id,
    product,
    version: found?.version ?? NO_VERSION,
    environment: environmentOf(service),
    password: words.includes('--requirepass') ? password?.replace(/^["']|["']$/g, '') : undefined,
  });
}

/** All that a wait needs. */
type ReadyWorld = Pick<SwitchWorld, 'engine' | 'clock'>;

/** What is waited for, and how it is named when it fails. */
export interface Readiness {
  readonly container: ContainerId;
  readonly probe: readonly string[];
  readonly service: string;
  readonly image: string;
  readonly signal?: AbortSignal | undefined;
}

/** Ready is what the profile's own probe says; a container that ends instead tells why in its last lines. */
export async function untilReady(world: ReadyWorld, wanted: Readiness): Promise<void> {
  const stop = new AbortController();
  const signal = wanted.signal ? AbortSignal.any([wanted.signal, stop.signal]) : stop.signal;
  const ended = world.engine
    .waitContainer(wanted.container, { signal })
    .then((exitCode) => fail(world, wanted, exitCode));
  try {
    await Promise.race([probeUntilReady(world, wanted, signal), ended]);
  } finally {
    stop.abort();
    ended.catch(() => undefined);
  }
}

async function probeUntilReady(world: ReadyWorld, wanted: Readiness, signal: AbortSignal): Promise<void> {
  const began = world.clock.monotonic();
  for (let wait = FIRST_PROBE_MS; ; wait *= PROBE_GROWTH) {
    const asked = world.clock.monotonic();
    if (await answers(world, wanted, signal)) return;
    const now = world.clock.monotonic();
    if (now - began > READY_TIMEOUT_MS) {
      throw new AppFailure({
        kind: 'dependency.timeout',
        service: wanted.service,
        afterMs: READY_TIMEOUT_MS,
        message: `${wanted.image} did not become ready.`,
      });
    }
    wait = Math.min(wait, now - began < SOON_MS ? SOON_PROBE_MS : SLOWEST_PROBE_MS);
    // A probe that burns seconds of processor would slow the very start that it waits for.
    await world.clock.sleep(Math.max(wait, now - asked > SHORT_PROBE_MS ? now - asked : 0), signal);
  }
}

/** A container that has ended takes no exec: that it ended, and why, is told by who waits for that. */
async function answers(world: ReadyWorld, wanted: Readiness, signal: AbortSignal): Promise<boolean> {
  try {
    const { exitCode } = await world.engine.exec(wanted.container, { command: wanted.probe, signal });
    return exitCode === 0;
  } catch (thrown) {
    if (isKind(thrown, 'engine.conflict')) return false;
    throw thrown;
  }
}

/** A service without a healthcheck counts as up once it runs; its own product's probe knows better. */
export async function untilAnswering(
  world: SwitchWorld,
  { decision, oldContainer }: SwitchJournal,
  signal?: AbortSignal,
): Promise<void> {
  const service = world.project.services[decision.service];
  const own = PROFILES.find(({ product }) => product === decision.product);
  const probe = service && own && profileOf(decision.toImage, own).probe?.(environmentOf(service));
  if (!probe) return;
  const labels = [
    `com.docker.compose.project=${world.project.name}`,
    `com.docker.compose.service=${decision.service}`,
  ];
  const replicas = await world.engine.listContainers({ all: true, labels, signal });
  const fresh = replicas.find((replica) => replica.id !== oldContainer?.id);
  if (!fresh) return;
  const wanted = { container: fresh.id, probe, service: decision.service, image: decision.toImage, signal };
  await untilReady(world, wanted);
}

/** Another product's image (Valkey for Redis) has another client in it. */
function profileOf(image: string, own: MiddlewareProfile): MiddlewareProfile {
  const found = recognise(image)?.profile;
  return found && own.data?.relatives?.includes(found.product) ? found : own;
}

async function fail(world: ReadyWorld, wanted: Readiness, exitCode: number): Promise<never> {
  const output = await lastLines(world.engine, wanted.container);
  throw new AppFailure({
    kind: 'data.dumpFailed',
    service: wanted.service,
    output,
    message: `${wanted.image} ended with ${exitCode} instead of starting: ${output.split('\n').at(-1) ?? ''}`,
  });
}

/** The last lines that a container wrote, both streams, as text. */
export async function lastLines(engine: Engine, id: ContainerId, lines = 20): Promise<string> {
  const source = await engine.openLogs(id, { follow: false, tail: lines, timestamps: false });
  const pieces: Uint8Array[] = [];
  for await (const { bytes } of demultiplex(source)) pieces.push(bytes);
  return Buffer.concat(pieces).toString('utf8').trim();
}

/** Ends a helper in the way its image asks for. Named volumes stay. */
export async function endHelper(engine: Engine, id: ContainerId): Promise<void> {
  await engine.stopContainer(id, { graceSeconds: 120 });
  removeLater(engine, id);
}
