import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createRouterClient, type RouterClient } from '@orpc/server';
import { type Core, createCore } from '#app/core.ts';
import { systemOptions } from '#app/hostOptions.ts';
import { LABELS } from '#compose/labels.ts';
import { isKind } from '#contract/errors.ts';
import type { RecordKey, StateRecord, WorkspaceRecord } from '#contract/model.ts';
import type { RunRecord, StepRecord } from '#contract/runModel.ts';
import { connectEngine } from '#engine/dockerode/connectEngine.ts';
import type { Engine } from '#engine/engine.ts';
import { eventually } from '../support/eventually.ts';

const run = promisify(execFile);

/** A project in a folder of its own, opened in a core as the window has it, and for docker compose to work on too. */
export class OpenedStack {
  readonly name: string;
  readonly #folder: string;
  #now: OpenedCore;
  #workspace = '';

  private constructor(own: { now: OpenedCore; folder: string; name: string }) {
    this.#now = own.now;
    this.name = own.name;
    this.#folder = own.folder;
  }

  static async open(name: string, yaml: string): Promise<OpenedStack> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-bench-'));
    await writeFile(path.join(folder, 'compose.yaml'), yaml);
    const stack = new OpenedStack({ now: await openCore(folder), folder, name });
    await stack.#openProject();
    return stack;
  }

  get core(): Core {
    return this.#now.core;
  }

  get client(): Client {
    return this.#now.client;
  }

  /** The one that the core uses: what is counted at it counts what the core asks. */
  get engine(): Engine {
    return this.#now.engine;
  }

  get workspace(): string {
    return this.#workspace;
  }

  get file(): string {
    return path.join(this.#folder, 'compose.yaml');
  }

  record<T extends StateRecord>(key: string): T | undefined {
    return this.core.feed.get(key as RecordKey) as T | undefined;
  }

  /** Milliseconds from the click until everything is ready. */
  async boot(): Promise<number> {
    const began = performance.now();
    await this.#ended(await this.client.stack.boot({ workspace: this.#workspace }));
    return performance.now() - began;
  }

  async down(): Promise<number> {
    const began = performance.now();
    await this.#ended(await this.client.stack.down({ workspace: this.#workspace }));
    return performance.now() - began;
  }

  /**
   * Does something while nobody looks. A core would listen, read logs and count beside it; and with no project open it would still look
   * at whatever container is started.
   */
  async unwatched<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
    await this.core.dispose();
    const engine = await connectEngine();
    try {
      return await work(engine);
    } finally {
      await engine.close();
      this.#now = await openCore(this.#folder);
      await this.#openProject();
    }
  }

  /** Milliseconds that docker compose takes for the same project and file. */
  async compose(...words: string[]): Promise<number> {
    const began = performance.now();
    await run('docker', ['compose', '-f', this.file, '-p', this.name, ...words], { maxBuffer: 64e6 }).catch(
      unlessNetworkStays,
    );
    return performance.now() - began;
  }

  /** Milliseconds for the same through our own command line, the start of the process included. */
  async command(...words: string[]): Promise<number> {
    const main = new URL('../../src-main/cli/main.ts', import.meta.url).pathname;
    const began = performance.now();
    await run(process.execPath, [main, '-f', this.file, '-p', this.name, ...words], { maxBuffer: 64e6 });
    return performance.now() - began;
  }

  /** Starts a run and waits for its end; its steps with the milliseconds that each took, and all of it. */
  async timed(begin: Promise<{ readonly run: string }>): Promise<{
    readonly ms: number;
    readonly steps: readonly { readonly kind: string; readonly ms: number }[];
  }> {
    const began = performance.now();
    const { run: id } = await begin;
    await this.#ended({ run: id });
    const ms = performance.now() - began;
    const { steps: count = 0 } = this.record<RunRecord>(`run:${this.#workspace}/${id}`) ?? {};
    const steps = Array.from({ length: count }, (_, index) => {
      const step = this.record<StepRecord>(`step:${this.#workspace}/${id}/${index + 1}`);
      return { kind: step?.kind ?? '', ms: (step?.finishedAt ?? 0) - (step?.startedAt ?? 0) };
    });
    return { ms, steps };
  }

  async dispose(): Promise<void> {
    await this.core.dispose();
    const engine = await connectEngine();
    const labels = [`${LABELS.project}=${this.name}`];
    // What was being started when the core ended still comes up a moment later.
    await eventually(() => removeAll(engine, labels), { limitMs: 20_000 }).catch((thrown: unknown) => {
      // What made the bench fail must not be hidden by this.
      console.error(`${this.name} could not be taken down whole:`, thrown);
    });
    await engine.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #openProject(): Promise<void> {
    this.#workspace = (await this.client.project.open({ path: this.#folder })).workspace;
    const isLive = () => this.record<WorkspaceRecord>(`workspace:${this.#workspace}`)?.live;
    await eventually(isLive, { limitMs: 60_000 });
  }

  async #ended({ run: id }: { readonly run: string }): Promise<void> {
    const { outcome } = await this.client.stack.wait({ workspace: this.#workspace, run: id });
    if (outcome === 'done') return;
    const record = this.record<RunRecord>(`run:${this.#workspace}/${id}`);
    throw new Error(`the run ended as ${outcome}: ${JSON.stringify(record?.status)}`);
  }
}

type Client = RouterClient<Core['router'], Record<never, never>>;

interface OpenedCore {
  readonly core: Core;
  readonly client: Client;
  readonly engine: Engine;
}

async function openCore(folder: string): Promise<OpenedCore> {
  const folders = { home: folder, config: `${folder}/.c`, state: `${folder}/.s`, cache: `${folder}/.k` };
  const engine = await connectEngine();
  const core = createCore(systemOptions({ connectEngine: async () => engine, folders }));
  return { core, client: createRouterClient(core.router, { context: {} }), engine };
}

/** An engine that counts an end of a network that is gone keeps the network, whoever takes the stack down. */
function unlessNetworkStays(thrown: { readonly stderr?: string }): void {
  if (!thrown.stderr?.includes('has active endpoints')) throw thrown;
  console.error('docker compose could not remove the network: the engine says that it is in use');
}

/** False where something came up meanwhile and is still in use: to be tried again. */
async function removeAll(engine: Engine, labels: readonly string[]): Promise<boolean> {
  const left = await engine.listContainers({ all: true, labels });
  try {
    await Promise.all(
      left.map(({ id }) => engine.removeContainer(id, { force: true, anonymousVolumes: true })),
    );
    for (const { id } of await engine.listNetworks({ labels })) await engine.removeNetwork(id);
    for (const { name } of await engine.listVolumes({ labels })) await engine.removeVolume(name);
    return true;
  } catch (thrown) {
    if (!isKind(thrown, 'engine.failed', 'engine.conflict', 'engine.notFound')) throw thrown;
    return false;
  }
}
