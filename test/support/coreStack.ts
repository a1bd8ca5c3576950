import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createRouterClient, type RouterClient } from '@orpc/server';
import { afterEach, inject } from 'vitest';
import { type Core, createCore } from '#app/core.ts';
import { systemOptions } from '#app/hostOptions.ts';
import { LABELS } from '#compose/labels.ts';
import { isKind } from '#contract/errors.ts';
import type { RecordKey, ServiceRecord, WorkspaceRecord } from '#contract/model.ts';
import type { RunRecord } from '#contract/runModel.ts';
import type { ContainerDetails } from '#engine/containers.ts';
import { connectEngine } from '#engine/dockerode/connectEngine.ts';
import type { Engine } from '#engine/engine.ts';
import { systemEnvironment } from '#engine/systemEnvironment.ts';
import { eventually } from './eventually.ts';
import { canBeRemoved } from './networks.ts';
import { openTestEngine } from './realEngine.ts';

/** `npm test` has built it before. */
const CLI =
  process.env['SLIPWAY_BUILT_CLI'] ?? path.resolve(import.meta.dirname, '../../src-main/cli/main.ts');

export type CoreClient = RouterClient<Core['router'], Record<never, never>>;

interface Parts {
  readonly core: Core;
  readonly engine: Engine;
  readonly folder: string;
  readonly name: string;
  readonly workspace: string;
}

/** A whole core on the real engine, with a copy of a project's folder that a test may change. */
export class CoreStack {
  readonly client: CoreClient;
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.client = createRouterClient(parts.core.router, { context: {} });
  }

  static async open(source: string, environment: Readonly<Record<string, string>> = {}): Promise<CoreStack> {
    const root = await mkdtemp(path.join(os.tmpdir(), 'slipway-stack-'));
    const folder = path.join(root, path.basename(source));
    await cp(source, folder, { recursive: true, verbatimSymlinks: true });
    const name = `${path.basename(source)}-${path.basename(root).slice(-6).toLowerCase()}`;
    const folders = { home: root, config: `${root}/c`, state: `${root}/s`, cache: `${root}/k` };
    const variables = { DOCKER_HOST: inject('engineHost') };
    const connect = (signal: AbortSignal) => connectEngine(signal, { ...systemEnvironment(), variables });
    const core = createCore(systemOptions({ connectEngine: connect, folders, environment }));
    const client: CoreClient = createRouterClient(core.router, { context: {} });
    const { workspace } = await client.project.open({ path: folder, projectName: name });
    const stack = new CoreStack({ core, engine: await openTestEngine(), folder, name, workspace });
    await eventually(() => stack.record<WorkspaceRecord>(`workspace:${workspace}`)?.live, {
      limitMs: 20_000,
    });
    return stack;
  }

  get engine(): Engine {
    return this.#parts.engine;
  }
  get workspace(): string {
    return this.#parts.workspace;
  }
  get name(): string {
    return this.#parts.name;
  }

  file(name: string): string {
    return path.join(this.#parts.folder, name);
  }

  record<T>(key: string): T | undefined {
    return this.#parts.core.feed.get(key as RecordKey) as T | undefined;
  }

  service(name: string): ServiceRecord {
    const found = this.record<ServiceRecord>(`service:${this.workspace}/${name}`);
    if (found === undefined) throw new Error(`no record of ${name}`);
    return found;
  }

  /** The project as the window has it. */
  workspaceRecord(): WorkspaceRecord | undefined {
    return this.record<WorkspaceRecord>(`workspace:${this.workspace}`);
  }

  /** All services of the project, as the window has them. */
  services(): ServiceRecord[] {
    return (this.workspaceRecord()?.services ?? []).map((name) => this.service(name));
  }

  run(id: string): RunRecord | undefined {
    return this.record<RunRecord>(`run:${this.workspace}/${id}`);
  }

  /** How a run that a request has begun has ended. */
  async ended(begun: PromiseLike<{ readonly run: string }>): Promise<RunRecord['status']> {
    const { run } = await begun;
    await this.client.stack.wait({ workspace: this.workspace, run });
    const record = this.run(run);
    if (record === undefined) throw new Error(`no record of run ${run}`);
    return record.status;
  }

  boot(): Promise<RunRecord['status']> {
    return this.ended(this.client.stack.boot({ workspace: this.workspace }));
  }

  /** The same project once more in the same core, as after a start of the app. */
  async reopen(): Promise<void> {
    const { folder, name, workspace } = this.#parts;
    await this.client.project.open({ path: folder, projectName: name });
    await eventually(() => this.record<WorkspaceRecord>(`workspace:${workspace}`)?.live, { limitMs: 20_000 });
  }

  /** A command on the same project, in a process of its own with a state of its own. */
  command(...words: readonly string[]): ChildProcess {
    const { folder, name } = this.#parts;
    const home = path.join(path.dirname(folder), 'command');
    const own = { XDG_CONFIG_HOME: `${home}/c`, XDG_STATE_HOME: `${home}/s`, XDG_CACHE_HOME: `${home}/k` };
    return spawn(process.execPath, [CLI, '-p', name, ...words], {
      cwd: folder,
      env: { ...process.env, ...own, XDG_DATA_HOME: `${home}/d`, DOCKER_HOST: inject('engineHost') },
      stdio: 'ignore',
    });
  }

  /** Builds a service and replaces its containers. */
  replace(service: string): Promise<RunRecord['status']> {
    return this.ended(this.client.builds.replace({ workspace: this.workspace, service }));
  }

  async edit(name: string, change: (text: string) => string): Promise<void> {
    await writeFile(this.file(name), change(await readFile(this.file(name), 'utf8')));
  }

  /** Containers by name: id and start time. */
  async containers(): Promise<Record<string, readonly [id: string, startedAt: number | undefined]>> {
    const listed = await this.engine.listContainers({
      all: true,
      labels: [`${LABELS.project}=${this.name}`],
    });
    const details = await Promise.all(listed.map(({ id }) => this.engine.inspectContainer(id)));
    return Object.fromEntries(
      details.map((found) => [found.name.slice(this.name.length + 1), [found.id, found.startedAt]]),
    );
  }

  async inspect(service: string, number = 1): Promise<ContainerDetails> {
    try {
      return await this.engine.inspectContainer(`${this.name}-${service}-${number}`);
    } catch (thrown) {
      throw new Error(await this.#whereIs(service), { cause: thrown });
    }
  }

  /** What the core and the engine know of a service whose container is not there by its name. */
  async #whereIs(service: string): Promise<string> {
    const all = await this.engine.listContainers({ all: true });
    const own = all.filter(
      ({ name, labels }) => name.includes(this.name) || labels[LABELS.project] === this.name,
    );
    const replicas = this.service(service).replicas;
    const known = await Promise.all(
      replicas.map(({ id }) => this.engine.inspectContainer(id).catch((thrown: unknown) => String(thrown))),
    );
    return `${service} is not there: ${JSON.stringify({ replicas, known, own })}`;
  }

  /** Runs a command in a service's container and gives what it printed. */
  async exec(service: string, ...command: string[]): Promise<string> {
    const { id } = await this.inspect(service);
    const { stdout, stderr, exitCode } = await this.engine.exec(id, { command });
    if (exitCode !== 0) throw new Error(`${command.join(' ')}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  }

  /** Down with the volumes, agreed to by name; resolves when the engine holds nothing of the project any more. */
  async downWithoutTrace(): Promise<void> {
    const request = { workspace: this.workspace, volumes: true };
    const { hazards } = await this.client.stack.planDown(request);
    const consents = hazards.map(({ id }) => id);
    const status = await this.ended(this.client.stack.down({ ...request, consents, graceSeconds: 5 }));
    if (status.type !== 'done') throw new Error(`down ended as ${JSON.stringify(status)}`);
    const labels = [`${LABELS.project}=${this.name}`];
    const left = [
      ...(await this.engine.listContainers({ all: true, labels })),
      ...(await this.engine.listVolumes({ labels })),
    ].map(({ name }) => name);
    // After the containers: what keeps a network now is an end that the engine counts of a container that is gone.
    for (const { id, name } of await this.engine.listNetworks({ labels }))
      if (await canBeRemoved(this.engine, id)) left.push(name);
    if (left.length > 0) throw new Error(`down has left ${left.join(', ')}`);
  }

  /** Everything goes: containers, networks, volumes, images that were built, and the folder. */
  async dispose(): Promise<void> {
    const { core, engine, name, folder } = this.#parts;
    await core.dispose();
    const labels = [`${LABELS.project}=${name}`];
    for (const { id } of await engine.listContainers({ all: true, labels }))
      await engine.removeContainer(id, { force: true, anonymousVolumes: true });
    for (const { id } of await engine.listNetworks({ labels })) await canBeRemoved(engine, id);
    for (const volume of await engine.listVolumes({ labels })) await engine.removeVolume(volume.name);
    for (const image of await engine.listImages())
      if (image.labels[LABELS.project] === name) await this.#removeImage(image.id);
    await engine.close();
    await rm(path.dirname(folder), { recursive: true, force: true });
  }

  /** A container that keeps an image of the stack was overlooked or made after the stack had gone: it is said which. */
  async #removeImage(id: string): Promise<void> {
    const { engine, name } = this.#parts;
    try {
      await engine.removeImage(id, { force: true });
    } catch (thrown) {
      const containers = await engine.listContainers({ all: true });
      const told = await Promise.all(
        containers.map((found) => engine.inspectContainer(found.id).catch(unlessGone)),
      );
      const using = told.filter((found) => found?.imageId === id);
      throw new Error(`${name} has left ${JSON.stringify(using)}`, { cause: thrown });
    }
  }
}

/** Containers of other tests come and go. */
function unlessGone(thrown: unknown): undefined {
  if (!isKind(thrown, 'engine.notFound')) throw thrown;
}

/** Opens stacks for the tests of a file; each goes after its test. */
export function coreStacks(): (
  source: string,
  environment?: Readonly<Record<string, string>>,
) => Promise<CoreStack> {
  const open: CoreStack[] = [];
  afterEach(async () => {
    for (const stack of open.splice(0)) await stack.dispose();
  });
  return async (source, environment) => {
    const stack = await CoreStack.open(source, environment);
    open.push(stack);
    return stack;
  };
}
