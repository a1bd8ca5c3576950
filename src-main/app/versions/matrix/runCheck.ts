import type { Clock } from '#base/clock.ts';
import { configHash } from '#compose/configHash.ts';
import type { Project } from '#compose/project.ts';
import { unknownService } from '#compose/unknownService.ts';
import { AppFailure, cancelled } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import { demultiplex } from '#engine/demux.ts';
import type { Engine } from '#engine/engine.ts';
import { environmentOf } from '#middleware/switch/decide.ts';
import { untilReady } from '#middleware/switch/helpers.ts';
import { containerBody } from '#plan/containerBody/containerBody.ts';
import { configHashes } from '#plan/hashes.ts';
import type { ObservedState } from '#plan/observed.ts';
import { reconcile } from '#plan/reconcile.ts';
import { middlewareOf } from '../../middlewareOf.ts';
import type { Execute } from '../../runs.ts';
import { withNamed } from '../../selectProject.ts';

/** What tells whether a version is good. */
export interface Check {
  /** A one-shot that is run to its end; with a command, the service that it is run in. */
  readonly service: string;
  readonly command?: readonly string[] | undefined;
}

export interface CheckWorld {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly apiVersion: string;
  readonly observe: (project: Project, signal?: AbortSignal) => Promise<ObservedState>;
  readonly executor: (project: Project) => Execute;
}

export interface CheckResult {
  readonly exitCode: number;
  /** The end of what it printed. */
  readonly output: string;
}

/** Shown beside the verdict. */
const LINES = 40;
const OUTPUT_BYTES = 256 * 1024;

/** Boots what the check needs in a project that is to be thrown away and runs it. Throws what kept the boot from being done. */
export async function runCheck(
  world: CheckWorld,
  request: {
    readonly project: Project;
    /** Whose version is under test. */
    readonly service: string;
    readonly check: Check;
    readonly signal: AbortSignal;
  },
): Promise<CheckResult> {
  const { service, check, signal } = request;
  const project = withNamed(request.project, [service, check.service]);
  const needed = Object.keys(project.services[check.service]?.depends_on ?? {});
  const first = check.command ? [check.service] : needed;
  await boot(world, { project, services: [...new Set([service, ...first])], signal });
  await answering(world, { project, service, signal });
  return check.command
    ? commandIn(world, { project, service: check.service, command: check.command, signal })
    : oneShot(world, { project, service: check.service, signal });
}

/** Everything that bears the project's name goes, with its data. */
export async function discard(engine: Engine, project: string): Promise<void> {
  const labels = [`com.docker.compose.project=${project}`];
  const containers = await engine.listContainers({ all: true, labels });
  await Promise.all(
    containers.map(({ id }) => engine.removeContainer(id, { force: true, anonymousVolumes: true })),
  );
  for (const { id } of await engine.listNetworks({ labels })) await engine.removeNetwork(id);
  for (const { name } of await engine.listVolumes({ labels })) await engine.removeVolume(name);
}

interface Boot {
  readonly project: Project;
  readonly services: readonly string[];
  readonly signal: AbortSignal;
}

async function boot(world: CheckWorld, { project, services, signal }: Boot): Promise<void> {
  const plan = reconcile({
    project,
    observed: await world.observe(project, signal),
    hashes: configHashes(project),
    apiVersion: world.apiVersion,
    options: { services, until: 'ready', pull: 'missing', build: 'missing' },
  });
  const result = await world.executor(project)(plan, { onEvent: () => undefined, signal });
  if (result.outcome === 'cancelled') throw cancelled();
  const [failure] = result.outcome === 'failed' ? result.failures : [];
  if (failure) throw new AppFailure(failure.error);
}

/** A healthcheck of the files may pass while the image is still making its database: the product's own probe knows better. */
async function answering(
  { engine, clock }: CheckWorld,
  { project, service, signal }: InProject,
): Promise<void> {
  const definition = project.services[service];
  const container = await containerOf(engine, project, service);
  const probe = definition && middlewareOf(project, service)?.profile.probe?.(environmentOf(definition));
  if (!container || !probe) return;
  const image = definition.image ?? '';
  await untilReady({ engine, clock }, { container, probe, service, image, signal });
}

async function containerOf(
  engine: Engine,
  project: Project,
  service: string,
): Promise<ContainerId | undefined> {
  const labels = [`com.docker.compose.project=${project.name}`, `com.docker.compose.service=${service}`];
  const [container] = await engine.listContainers({ all: false, labels });
  return container?.id;
}

interface InProject {
  readonly project: Project;
  readonly service: string;
  readonly signal: AbortSignal;
}

async function commandIn(
  { engine }: CheckWorld,
  { project, service, command, signal }: InProject & { readonly command: readonly string[] },
): Promise<CheckResult> {
  const container = await containerOf(engine, project, service);
  if (!container)
    throw new AppFailure({
      kind: 'notFound',
      what: 'container',
      message: `${service} does not run: a check with a command is run inside a running service.`,
    });
  const { exitCode, stdout, stderr } = await engine.exec(container, {
    command,
    limitBytes: OUTPUT_BYTES,
    signal,
  });
  return { exitCode, output: lastOf(Buffer.concat([stdout, stderr]).toString('utf8')) };
}

async function oneShot(
  { engine, apiVersion }: CheckWorld,
  { project, service, signal }: InProject,
): Promise<CheckResult> {
  const definition = project.services[service];
  if (!definition) throw unknownService(project, service);
  const { body, connect } = containerBody({
    project,
    service: definition,
    serviceName: service,
    number: 1,
    apiVersion,
    configHash: configHash(definition),
    imageVolumes: [],
    links: [],
    inherit: [],
  });
  const labels = { ...body.Labels, 'com.docker.compose.oneoff': 'True' };
  const { id } = await engine.createContainer({
    name: `${project.name}-${service}-check`,
    body: { ...body, Labels: labels },
    platform: definition.platform,
    signal,
  });
  for (const { network, endpoint } of connect)
    await engine.connectNetwork(network, id, { ...endpoint }, { signal });
  await engine.startContainer(id, { signal });
  const exitCode = await engine.waitContainer(id, { signal });
  return { exitCode, output: await logOf(engine, id) };
}

async function logOf(engine: Engine, id: ContainerId): Promise<string> {
  const source = await engine.openLogs(id, { follow: false, tail: LINES, timestamps: false });
  const pieces: Uint8Array[] = [];
  for await (const { bytes } of demultiplex(source)) pieces.push(bytes);
  return lastOf(Buffer.concat(pieces).toString('utf8'));
}

function lastOf(output: string): string {
  return output.trim().split('\n').slice(-LINES).join('\n');
}
