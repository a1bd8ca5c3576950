import { execFile } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, inject } from 'vitest';
import { LABELS } from '#compose/labels.ts';
import { comparableContainer, comparableNetwork, comparableVolume } from './comparable.ts';
import type { CoreStack } from './coreStack.ts';
import { eventually } from './eventually.ts';

const run = promisify(execFile);
/** What docker compose says when it touches a container or anything beside it. */
const TOUCHED = /Recreat|Creat(?:ing|ed)|Remov|Stopp|Building|Built/;

/** One project in the hands of two: what one has made the other must know, keep, show and take down. */
export class Peace {
  readonly #stack: CoreStack;
  readonly #environment: Readonly<Record<string, string>>;

  constructor(stack: CoreStack, environment: Readonly<Record<string, string>>) {
    this.#stack = stack;
    this.#environment = environment;
  }

  /** Slipway boots; docker compose changes nothing, sees the same project and takes it down. What was made, as inspect has it. */
  async bootedHere(): Promise<unknown> {
    const stack = this.#stack;
    expect(await stack.boot()).toEqual({ type: 'done' });
    const made = await this.#snapshot();
    const before = await stack.containers();
    const said = await this.#compose('up', '-d');
    expect(said).not.toMatch(TOUCHED);
    expect(said).not.toContain('already exists but was');
    expect(await this.#kept(before)).toEqual([]);
    await this.#seenByCompose(Object.keys(before));
    await this.#compose('stop', '-t', '0');
    await eventually(() => this.#records().every(({ state }) => state !== 'running'), { limitMs: 20_000 });
    await this.#compose('down', '-v', '-t', '0', '--remove-orphans');
    expect(await this.#left()).toEqual([]);
    return made;
  }

  /** docker compose boots; Slipway plans nothing, changes nothing, shows the same project and takes it down. */
  async bootedThere(): Promise<unknown> {
    const stack = this.#stack;
    const { workspace } = stack;
    await this.#compose('up', '-d', '--quiet-pull');
    const made = await this.#snapshot();
    const before = await stack.containers();
    const { steps } = await stack.client.stack.plan({ workspace });
    expect(steps.filter(({ kind }) => kind !== 'await').map(({ label }) => label)).toEqual([]);
    expect(await stack.boot()).toEqual({ type: 'done' });
    expect(await this.#kept(before)).toEqual([]);
    await eventually(() => this.#records().length === Object.keys(before).length, { limitMs: 20_000 });
    expect(await stack.ended(stack.client.stack.stop({ workspace, graceSeconds: 0 }))).toEqual({
      type: 'done',
    });
    const { hazards } = await stack.client.stack.planDown({ workspace, volumes: true });
    const consents = hazards.map(({ id }) => id);
    const down = stack.client.stack.down({ workspace, volumes: true, graceSeconds: 0, consents });
    expect(await stack.ended(down)).toEqual({ type: 'done' });
    expect(await this.#left()).toEqual([]);
    return made;
  }

  /** The containers that are not the ones of before any more, or were started again. One-shots that are done may be. */
  async #kept(before: Awaited<ReturnType<CoreStack['containers']>>): Promise<string[]> {
    const after = await this.#stack.containers();
    const oneShots = new Set(await this.#oneShots());
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => {
      const [id, startedAt] = before[name] ?? [];
      const [idNow, startedNow] = after[name] ?? [];
      return id !== idNow || (startedAt !== startedNow && !oneShots.has(name));
    });
  }

  async #oneShots(): Promise<string[]> {
    const listed = await this.#stack.engine.listContainers({ all: true, labels: [this.#label] });
    return listed
      .filter(({ state }) => state === 'exited')
      .map(({ name }) => name.slice(this.#stack.name.length + 1));
  }

  async #seenByCompose(names: readonly string[]): Promise<void> {
    const listed = await this.#compose('ps', '-a', '--format', '{{.Name}}');
    const known = listed
      .trim()
      .split('\n')
      .filter((line) => line !== '');
    const own = (name: string) =>
      name.startsWith(this.#stack.name) ? name.slice(this.#stack.name.length + 1) : name;
    expect(known.map(own).sort()).toEqual([...names].sort());
    await this.#compose('logs', '--tail', '1');
  }

  #records() {
    const stack = this.#stack;
    return stack.services().flatMap(({ replicas }) => replicas);
  }

  /** Containers, networks and volumes of the project, without what differs from run to run. */
  async #snapshot(): Promise<unknown> {
    const { engine } = this.#stack;
    const containers = await engine.listContainers({ all: true, labels: [this.#label] });
    const details = await Promise.all(containers.map(({ id }) => engine.inspectContainer(id)));
    const networks = await engine.listNetworks({ labels: [this.#label] });
    const volumes = await engine.listVolumes({ labels: [this.#label] });
    return {
      containers: named(details.map(({ name, raw }) => [name, comparableContainer(raw)])),
      networks: named(
        await this.#inspected(
          'network',
          networks.map(({ name }) => name),
          comparableNetwork,
        ),
      ),
      volumes: named(
        await this.#inspected(
          'volume',
          volumes.map(({ name }) => name),
          comparableVolume,
        ),
      ),
    };
  }

  async #inspected(
    kind: 'network' | 'volume',
    names: readonly string[],
    comparable: (raw: Record<string, unknown>) => unknown,
  ): Promise<[string, unknown][]> {
    if (names.length === 0) return [];
    const { stdout } = await this.#docker(kind, 'inspect', ...names);
    const found = JSON.parse(stdout) as Record<string, unknown>[];
    return found.map((raw) => [String(raw['Name']), comparable(raw)]);
  }

  async #left(): Promise<string[]> {
    const { engine } = this.#stack;
    const labels = [this.#label];
    const left = [
      ...(await engine.listContainers({ all: true, labels })),
      ...(await engine.listNetworks({ labels })),
      ...(await engine.listVolumes({ labels })),
    ];
    return left.map(({ name }) => name);
  }

  get #label(): string {
    return `${LABELS.project}=${this.#stack.name}`;
  }

  async #compose(...words: string[]): Promise<string> {
    const { stdout, stderr } = await this.#docker('compose', '-p', this.#stack.name, ...words);
    return `${stdout}${stderr}`;
  }

  #docker(...words: string[]) {
    return run('docker', words, {
      cwd: path.dirname(this.#stack.file('compose.yaml')),
      env: {
        PATH: process.env['PATH'],
        DOCKER_HOST: inject('engineHost'),
        DOCKER_CONFIG: process.env['DOCKER_CONFIG'] ?? path.join(os.homedir(), '.docker'),
        ...this.#environment,
      },
      maxBuffer: 64 * 1024 * 1024,
    });
  }
}

function named(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}
