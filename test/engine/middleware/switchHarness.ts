import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DiskReader } from '#app/composeReader.ts';
import { slipwayFiles } from '#app/versions/slipwayFiles.ts';
import { systemClock } from '#base/clock.ts';
import { configHash } from '#compose/configHash.ts';
import { loadProject } from '#compose/load.ts';
import type { Project } from '#compose/project.ts';
import { AppFailure } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import { isOtherAlive, thisProcess } from '#disk/owner.ts';
import type { ContainerSummary } from '#engine/containers.ts';
import { demultiplex } from '#engine/demux.ts';
import type { Engine } from '#engine/engine.ts';
import { parseLanes } from '#middleware/lane.ts';
import { recognise } from '#middleware/profiles.ts';
import { type DataChoice, decideSwitch, environmentOf } from '#middleware/switch/decide.ts';
import { runSwitch } from '#middleware/switch/execute.ts';
import { type Recovery, recoverSwitch } from '#middleware/switch/recover.ts';
import type { StepProgress, SwitchFiles, SwitchWorld } from '#middleware/switch/world.ts';
import { containerBody } from '#plan/containerBody/containerBody.ts';
import { networkBody, volumeBody } from '#plan/containerBody/resourceBodies.ts';
import { canBeRemoved } from '#support/networks.ts';

/**
 * A project in a folder of its own, whose one service is booted and switched on a real engine. Booting is done here with the
 * planner's own bodies and the fewest calls, so that a failure points at the switch and not at the executor.
 */
export class SwitchHarness {
  readonly engine: Engine;
  readonly folder: string;
  readonly service: string;
  readonly steps: StepProgress[] = [];

  constructor(engine: Engine, folder: string, service: string) {
    this.engine = engine;
    this.folder = folder;
    this.service = service;
  }

  static async create(engine: Engine, service: string, compose: string): Promise<SwitchHarness> {
    const folder = await mkdtemp(path.join(tmpdir(), 'slipway-switch-'));
    await writeFile(path.join(folder, 'compose.yaml'), `name: sw${randomUUID().slice(0, 8)}\n${compose}`);
    return new SwitchHarness(engine, folder, service);
  }

  async load(override?: string): Promise<Project> {
    const overridePath = path.join(
      this.folder,
      '.slipway',
      override === undefined ? 'override.yaml' : 'tried.yaml',
    );
    if (override !== undefined) {
      await mkdir(path.dirname(overridePath), { recursive: true });
      await writeFile(overridePath, override);
    }
    const result = await loadProject({
      workingDir: this.folder,
      environment: {},
      reader: new DiskReader(),
      overrideFiles: [overridePath],
    });
    if (result.type === 'invalid')
      throw new AppFailure(result.errors[0] ?? { kind: 'internal', message: 'invalid' });
    return result.project;
  }

  async container(): Promise<ContainerSummary | undefined> {
    const project = await this.load();
    const [found] = await this.engine.listContainers({
      all: true,
      labels: [`com.docker.compose.project=${project.name}`, `com.docker.compose.service=${this.service}`],
    });
    return found;
  }

  async boot(signal?: AbortSignal, startsAfter?: Promise<void>): Promise<void> {
    const project = await this.load();
    const service = project.services[this.service];
    if (!service) throw new Error('no such service');
    for (const [key, volume] of Object.entries(project.volumes)) {
      if (!(await this.engine.inspectVolume(volume.name)))
        await this.engine.createVolume(volumeBody(project, key, { volume, hash: '' }));
    }
    for (const [key, network] of Object.entries(project.networks)) {
      const there = await this.engine.listNetworks({ names: [network.name] });
      if (there.length === 0)
        await this.engine.createNetwork(networkBody(project, key, { network, hash: '' }));
    }
    const plan = containerBody({
      project,
      service,
      serviceName: this.service,
      number: 1,
      apiVersion: '1.41',
      configHash: configHash(service),
      imageVolumes: [],
      links: [],
      inherit: [],
    });
    await this.ensureImage(service.image ?? '');
    const name = `${project.name}-${this.service}-1`;
    // One that a cut-off boot has made is taken, as the executor does.
    const labels = [`com.docker.compose.project=${project.name}`];
    const there = await this.engine.listContainers({ all: true, labels });
    const made = there.find((container) => container.name === name);
    const { id } = made ?? (await this.engine.createContainer({ name, body: plan.body }));
    await startsAfter;
    await this.engine.startContainer(id);
    await this.ready(id, project, signal);
  }

  async ready(id: ContainerId, project: Project, signal?: AbortSignal): Promise<void> {
    const service = project.services[this.service];
    const probe = recognise(service?.image)?.profile.probe?.(service ? environmentOf(service) : {});
    const deadline = Date.now() + 60_000;
    while (probe) {
      const { state } = await this.engine.inspectContainer(id);
      if (state !== 'running') throw new Error(`${id} is ${state}: ${await this.logs(id)}`);
      const { exitCode } = await this.engine.exec(id, { command: probe, signal });
      if (exitCode === 0) return;
      if (Date.now() > deadline) throw new Error(`not ready: ${await this.logs(id)}`);
      await systemClock.sleep(100, signal);
    }
  }

  async logs(id: ContainerId): Promise<string> {
    const source = await this.engine.openLogs(id, { follow: false, tail: 20, timestamps: false });
    const pieces: Uint8Array[] = [];
    for await (const { bytes } of demultiplex(source)) pieces.push(bytes);
    return Buffer.concat(pieces).toString();
  }

  async ensureImage(image: string): Promise<void> {
    if (!(await this.engine.inspectImage(image))) await this.engine.pullImage({ reference: image });
  }

  files(): SwitchFiles {
    return slipwayFiles(this.folder);
  }

  async world(): Promise<SwitchWorld> {
    return {
      engine: this.engine,
      apiVersion: '1.41',
      clock: systemClock,
      newId: randomUUID,
      project: await this.load(),
      files: this.files(),
      loadWith: (override) => this.load(override ?? 'services: {}'),
      ensureImage: (image) => this.ensureImage(image),
      bootService: async ({ signal, startsAfter }) => {
        await this.boot(signal, startsAfter);
        return { answered: false };
      },
      onStep: (step) => this.steps.push(step),
    };
  }

  async switchTo(to: string, data?: DataChoice, signal?: AbortSignal): Promise<void> {
    const world = await this.world();
    const container = await this.container();
    const volumes = new Set((await this.engine.listVolumes({})).map((volume) => volume.name));
    const lanes = parseLanes(await world.files.readLanes());
    const decision = decideSwitch({
      project: world.project,
      service: this.service,
      to,
      data,
      mounts: container?.mounts ?? [],
      hostname: container && (await this.hostname(container.id)),
      lanes,
      volumes,
    });
    await runSwitch(world, { decision, container, owner: await thisProcess(), signal });
  }

  async hostname(id: ContainerId): Promise<string | undefined> {
    return ((await this.engine.inspectContainer(id)).raw['Config'] as { Hostname?: string }).Hostname;
  }

  /** What the next start of Slipway does first. */
  async recover(): Promise<Recovery> {
    return recoverSwitch(await this.world(), this.service, isOtherAlive);
  }

  async exec(command: readonly string[], stdin?: string): Promise<string> {
    const container = await this.container();
    if (!container) throw new Error('no container');
    const result = await this.engine.exec(container.id, {
      command,
      stdin: stdin === undefined ? undefined : Buffer.from(stdin),
      limitBytes: 16 * 1024 * 1024,
    });
    if (result.exitCode !== 0)
      throw new Error(`${command.join(' ')}: ${Buffer.from(result.stderr).toString()}`);
    return Buffer.from(result.stdout).toString();
  }

  async remove(): Promise<void> {
    const project = await this.load();
    const labels = [`com.docker.compose.project=${project.name}`];
    for (const container of await this.engine.listContainers({ all: true, labels }))
      await this.engine.removeContainer(container.id, { force: true, anonymousVolumes: true });
    for (const volume of await this.engine.listVolumes({ labels }))
      await this.engine.removeVolume(volume.name);
    for (const { id } of await this.engine.listNetworks({ labels })) await canBeRemoved(this.engine, id);
    await rm(this.folder, { recursive: true, force: true });
  }
}
