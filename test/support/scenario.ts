import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, inject } from 'vitest';
import { systemClock } from '#base/clock.ts';
import { LABELS } from '#compose/labels.ts';
import { loadProject } from '#compose/load.ts';
import type { ComposeFileReader } from '#compose/loadOptions.ts';
import type { Project } from '#compose/project.ts';
import type { ContainerDetails } from '#engine/containers.ts';
import type { Engine } from '#engine/engine.ts';
import { formatPlan } from '#plan/formatPlan.ts';
import { eventually } from './eventually.ts';
import { failOnLeaks } from './leaks.ts';
import { canBeRemoved } from './networks.ts';
import { PlanRun } from './planRun.ts';
import { openTestEngine } from './realEngine.ts';
import { needImages } from './world.ts';

const run = promisify(execFile);

/** What an engine still counts of its containers goes soon, or with the engine. */
const NETWORK_LIMIT_MS = 5_000;

/** The stack of one scenario on the real engine, under a name that no other test has. */
export class Stack {
  readonly #folder: string;
  readonly #engine: () => Engine;
  readonly name: string;

  constructor(own: { readonly folder: string; readonly engine: () => Engine; readonly name: string }) {
    this.#folder = own.folder;
    this.#engine = own.engine;
    this.name = own.name;
  }

  get engine(): Engine {
    return this.#engine();
  }

  get file(): string {
    return path.join(this.#folder, 'compose.yaml');
  }

  /** The project of the folder's compose.yaml, its text changed first where a scenario wants that. */
  async project(change: (yaml: string) => string = (yaml) => yaml): Promise<Project> {
    const text = change(await readFile(this.file, 'utf8'));
    const loaded = await loadProject({
      workingDir: this.#folder,
      projectName: this.name,
      environment: {},
      reader: readerWith(this.file, text),
    });
    if (loaded.type !== 'loaded') throw new Error(loaded.errors.map((error) => error.message).join('\n'));
    return loaded.project;
  }

  /** Ready to boot, stop and take down. */
  async open(change?: (yaml: string) => string): Promise<PlanRun> {
    return new PlanRun({ project: await this.project(change), engine: this.engine, clock: systemClock });
  }

  /** What a boot would do now, as text. */
  async bootText(change?: (yaml: string) => string): Promise<string> {
    return formatPlan(await (await this.open(change)).bootPlan());
  }

  /** All containers by service and number: `db-1 running`. */
  async states(): Promise<string[]> {
    const listed = await this.engine.listContainers({
      all: true,
      labels: [`${LABELS.project}=${this.name}`],
    });
    return listed
      .map(({ labels, state }) => `${labels[LABELS.service]}-${labels[LABELS.containerNumber]} ${state}`)
      .sort();
  }

  inspect(service: string, number = 1): Promise<ContainerDetails> {
    return this.engine.inspectContainer(`${this.name}-${service}-${number}`);
  }

  /** Runs a command in a service's container and gives what it printed. */
  async exec(service: string, ...command: string[]): Promise<string> {
    const { id } = await this.inspect(service);
    const { stdout } = await this.engine.exec(id, { command });
    return new TextDecoder().decode(stdout);
  }

  /** docker compose on the same project and file; what it says, both streams. */
  async compose(...words: string[]): Promise<string> {
    const environment = { ...process.env, DOCKER_HOST: inject('engineHost') };
    const { stdout, stderr } = await run('docker', ['compose', '-f', this.file, '-p', this.name, ...words], {
      env: environment,
    });
    return `${stdout}${stderr}`;
  }

  /** Everything of the project goes, by its label, whatever state a test left it in. */
  async clear(): Promise<void> {
    const labels = [`${LABELS.project}=${this.name}`];
    for (const { id } of await this.engine.listContainers({ all: true, labels })) {
      // One that crashes in a loop must not be removed in the middle of its next start: its network would keep an endpoint.
      await this.engine.stopContainer(id, { graceSeconds: 0 });
      await this.engine.removeContainer(id, { force: true, anonymousVolumes: true });
    }
    const end = performance.now() + NETWORK_LIMIT_MS;
    for (const { id } of await this.engine.listNetworks({ labels }))
      await eventually(async () => (await canBeRemoved(this.engine, id)) || performance.now() > end);
    for (const { name } of await this.engine.listVolumes({ labels })) await this.engine.removeVolume(name);
  }
}

/** Whether the partner of the tests of peace is there. */
export async function hasDockerCompose(): Promise<boolean> {
  return run('docker', ['compose', 'version']).then(
    () => true,
    () => false,
  );
}

/** One scenario: the folder with its compose.yaml, the images that it needs, and a stack that is cleared after each test. */
export function scenario(folder: string, images: readonly string[]): Stack {
  let engine: Engine | undefined;
  const opened = (): Engine => {
    if (engine === undefined) throw new Error('the engine is only open while tests run');
    return engine;
  };
  beforeAll(async () => {
    await needImages(...images);
    engine = await openTestEngine();
  });
  afterAll(() => engine?.close());
  const { prefix } = failOnLeaks(path.basename(folder), opened);
  const stack = new Stack({ folder, engine: opened, name: prefix });
  // After the check for leaks was registered, so before it is run: the stack itself is no leak.
  afterEach(() => stack.clear());
  return stack;
}

function readerWith(file: string, text: string): ComposeFileReader {
  return {
    readText: async (asked, _limit) =>
      asked === file ? text : readFile(asked, 'utf8').catch(() => undefined),
    kind: async (asked) => (asked === file ? 'file' : asked === path.dirname(file) ? 'folder' : undefined),
    realPath: async (asked) => asked,
  };
}
