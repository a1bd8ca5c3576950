import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { AppFailure } from '#contract/errors.ts';
import type { ContainerSummary } from '#engine/containers.ts';
import type { Engine } from '#engine/engine.ts';
import { ROLE_LABEL, SWITCH_LABEL } from '#middleware/switch/journal.ts';
import type { Recovery } from '#middleware/switch/recover.ts';
import { testEndpoint } from '#support/realEngine.ts';
import type { SwitchHarness } from './switchHarness.ts';

export const POSTGRES = `
services:
  db:
    image: postgres:15
    environment: { POSTGRES_PASSWORD: secret, POSTGRES_USER: shop, POSTGRES_DB: shop }
    volumes: [pgdata:/var/lib/postgresql/data]
    restart: always
volumes: { pgdata: {} }
`;

/** Every point where a switch can be cut off; the steps' points are between the journal's. */
export const POINTS = [
  'step:pull',
  'journal:begun',
  'step:stop',
  'step:prepare',
  'step:move',
  'step:verify',
  'journal:verified',
  'override',
  'lanes',
  'journal:committed',
  'step:start',
  'journal:ready',
  'step:clean',
] as const;

/** The same for a switch that carries nothing: its choice is written and the new container made while the old one stops. */
export const RETURN_POINTS = [
  'journal:begun',
  'step:stop',
  'step:commit',
  'override',
  'lanes',
  'journal:committed',
  'step:start',
  'journal:ready',
  'step:clean',
] as const;

const CHILD = fileURLToPath(new URL('switchChild.ts', import.meta.url));
const PSQL = ['psql', '-X', '-A', '-t', '-q', '-v', 'ON_ERROR_STOP=1', '-U', 'shop', '-d', 'shop', '-c'];

/** Begins a switch in a process of its own. */
export function beginSwitch(stack: SwitchHarness, version: string, point?: string): ChildProcess {
  const words = [testEndpoint().url, stack.folder, stack.service, version, ...(point ? [point] : [])];
  return spawn(process.execPath, [CHILD, ...words], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Runs a switch to its end or to where it kills itself. */
export async function runUntil(stack: SwitchHarness, version: string, point?: string): Promise<void> {
  await once(beginSwitch(stack, version, point), 'exit');
}

export async function sql(stack: SwitchHarness, text: string): Promise<string> {
  return (await stack.exec([...PSQL, text])).trim();
}

/** Writes numbers one after the other into whatever runs, and remembers those that were accepted. */
export class Writer {
  readonly accepted: number[] = [];
  /** Not accepted, or nobody could say: those may be there or not. */
  readonly refused: number[] = [];
  readonly #stack: SwitchHarness;
  readonly #engine: Engine;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;

  constructor(engine: Engine, stack: SwitchHarness) {
    this.#engine = engine;
    this.#stack = stack;
    this.#ended = this.#run();
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    for (let number = 1; !this.#stop.signal.aborted; number += 1) {
      const container = await this.#running();
      const written = container !== undefined && (await this.#write(container, number));
      (written ? this.accepted : this.refused).push(number);
    }
  }

  async #write({ id }: ContainerSummary, number: number): Promise<boolean> {
    try {
      const command = [...PSQL, `INSERT INTO numbers VALUES (${number})`];
      return (await this.#engine.exec(id, { command })).exitCode === 0;
    } catch (thrown) {
      // The container has just been stopped or taken away: refused.
      if (thrown instanceof AppFailure) return false;
      throw thrown;
    }
  }

  async #running(): Promise<ContainerSummary | undefined> {
    const { name } = await this.#stack.load();
    const labels = [
      `com.docker.compose.project=${name}`,
      `com.docker.compose.service=${this.#stack.service}`,
    ];
    const [found] = await this.#engine.listContainers({ all: false, labels });
    return found;
  }
}

/** All that is the project's on the engine apart from the old container, in words; and helpers of any switch of it. */
export async function leftOver(engine: Engine, stack: SwitchHarness): Promise<readonly string[]> {
  const { name } = await stack.load();
  const containers = await engine.listContainers({ all: true, labels: [SWITCH_LABEL] });
  const helpers = containers.filter((container) => container.name.startsWith(`${name}-`));
  const own = await engine.listContainers({ all: true, labels: [`com.docker.compose.project=${name}`] });
  const journal = await stack.files().readJournal(stack.service);
  const passing = await engine.listVolumes({ labels: [ROLE_LABEL] });
  return [
    ...passing
      .filter((volume) => volume.name.startsWith(`${name}-`))
      .map((volume) => `volume ${volume.name}`),
    ...helpers.map((helper) => `helper ${helper.name}`),
    ...own
      .filter((container) => container.name !== `${name}-db-1`)
      .map(({ name: other }) => `container ${other}`),
    ...(journal === undefined ? [] : ['journal']),
  ];
}

export async function volumes(engine: Engine, stack: SwitchHarness): Promise<readonly string[]> {
  const { name } = await stack.load();
  const found = await engine.listVolumes({ labels: [`com.docker.compose.project=${name}`] });
  return found.map((volume) => volume.name.slice(name.length)).sort();
}

/** Before the commit it goes back; from then on it goes forward. */
export function expected(point: (typeof POINTS)[number] | (typeof RETURN_POINTS)[number]): Recovery['type'] {
  if (point === 'step:pull') return 'nothing';
  return ['journal:committed', 'step:start', 'journal:ready', 'step:clean'].includes(point)
    ? 'finished'
    : 'rolledBack';
}
