import type { Client } from '#client/connection.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { ServiceRecord } from '#contract/model.ts';
import type { StatsSample } from '#contract/requests/service.ts';

/** One value a second fills a sparkline in a minute. */
export const SAMPLES_KEPT = 60;
const SAMPLE_MS = 1_000;
/** Rows scroll past: ask for figures only when the list stands still. */
const SETTLE_MS = 200;
/** After a broken stream, before the next try. */
const RETRY_MS = 2000;

/** A change of CPU below this share of a core, or of memory below this part of it, is not to be seen. */
const SEEN_CPU = 0.005;
const SEEN_MEMORY = 0.005;
/** A line that stays flat is drawn again after so many seconds, to move on: a stack at rest must not cost a drawing a second. */
const FLAT_SECONDS = 5;
/** What happened within the last minute moves on by so much while nothing new is told. */
const MOVE_ON_MS = 5_000;

export interface ServiceFigures {
  /** Shares of one core, one a second, oldest first. */
  readonly cpu: readonly number[];
  readonly memoryBytes: number;
  /** When the last of them was read. */
  readonly at: number;
}

/** As much of a service as says whether its figures are any: those of the past are not what it uses now. */
export type Measured = Pick<ServiceRecord, 'workspace' | 'name'> & {
  readonly replicas: readonly Pick<ServiceRecord['replicas'][number], 'state'>[];
};

/** Live figures of the services on screen, and of no others. */
export class StatsBook {
  readonly #client: Client;
  readonly #figures = new Map<string, ServiceFigures>();
  readonly #listeners = new Map<string, Set<() => void>>();
  /** By service: seconds since it was drawn last. */
  readonly #undrawn = new Map<string, number>();
  /** By service: when its last second was taken, on this window's clock. */
  readonly #takenAt = new Map<string, number>();
  /** Whose figures these are: another project may have a service of the same name. */
  #workspace: WorkspaceId | undefined;
  #wanted = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #abort: AbortController | undefined;
  #moving: ReturnType<typeof setTimeout> | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Of a service of the project whose figures are taken, while a replica of it runs. */
  figures({ workspace, name, replicas }: Measured): ServiceFigures | undefined {
    if (workspace !== this.#workspace || replicas.every(({ state }) => state !== 'running')) return undefined;
    return this.#figures.get(name);
  }

  subscribe(service: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(service) ?? new Set();
    this.#listeners.set(service, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  /** Streams the figures of exactly these; none ends the stream. */
  want(workspace: WorkspaceId | undefined, services: readonly string[]): void {
    const wanted =
      workspace === undefined || services.length === 0 ? '' : [workspace, ...services].join('\n');
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    clearTimeout(this.#timer);
    clearTimeout(this.#moving);
    this.#moving = undefined;
    if (workspace !== undefined && workspace !== this.#workspace) this.#begin(workspace);
    if (wanted === '' || workspace === undefined) {
      this.#abort?.abort();
      return;
    }
    this.#timer = setTimeout(() => void this.#stream(workspace, services), SETTLE_MS);
  }

  /** Another project: what was taken before is nothing to it. */
  #begin(workspace: WorkspaceId): void {
    this.#abort?.abort();
    this.#workspace = workspace;
    for (const kept of [this.#figures, this.#undrawn, this.#takenAt]) kept.clear();
  }

  dispose(): void {
    this.want(undefined, []);
  }

  async #stream(workspace: WorkspaceId, services: readonly string[]): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    const wanted = this.#wanted;
    try {
      const input = { workspace, services: [...services] };
      const samples = await this.#client.service.stats(input, { signal: abort.signal });
      for await (const batch of samples) {
        if (abort.signal.aborted) return;
        this.#take(batch);
      }
    } catch {
      // The engine or the core went away: their own banners say so. Figures come back with them.
    }
    if (abort.signal.aborted || wanted !== this.#wanted) return;
    this.#timer = setTimeout(() => void this.#stream(workspace, services), RETRY_MS);
  }

  #take(batch: readonly StatsSample[]): void {
    for (const sample of batch) {
      const before = withoutGuesses(this.#figures.get(sample.service), sample);
      const seconds = secondsBetween(before, sample);
      const cpu = [...extended(before, { seconds: seconds - 1, cpu: sample.cpu }), sample.cpu];
      const { memoryBytes, at } = sample;
      this.#figures.set(sample.service, { cpu: cpu.slice(-SAMPLES_KEPT), memoryBytes, at });
      this.#takenAt.set(sample.service, performance.now());
      if (this.#isDue(sample, { before, seconds })) this.#draw(sample.service);
    }
    this.#moving ??= setTimeout(() => this.#moveOn(), MOVE_ON_MS);
  }

  /** What is at rest is not told of: its seconds are like the last one. Ends when all lines are flat. */
  #moveOn(): void {
    this.#moving = undefined;
    let flat = true;
    for (const [service, before] of this.#figures) {
      if (isFlat(before.cpu)) continue;
      flat = false;
      if (this.#quietSeconds(service) < FLAT_SECONDS) continue;
      const cpu = extended(before, { seconds: FLAT_SECONDS, cpu: before.cpu.at(-1) ?? 0 });
      const at = before.at + FLAT_SECONDS * SAMPLE_MS;
      this.#figures.set(service, { ...before, cpu: cpu.slice(-SAMPLES_KEPT), at });
      this.#takenAt.set(service, performance.now());
      this.#draw(service);
    }
    if (!flat) this.#moving = setTimeout(() => this.#moveOn(), MOVE_ON_MS);
  }

  #quietSeconds(service: string): number {
    return Math.round((performance.now() - (this.#takenAt.get(service) ?? 0)) / SAMPLE_MS);
  }

  #isDue(
    sample: StatsSample,
    { before, seconds }: { readonly before: ServiceFigures | undefined; readonly seconds: number },
  ): boolean {
    const undrawn = (this.#undrawn.get(sample.service) ?? 0) + seconds;
    this.#undrawn.set(sample.service, undrawn);
    if (before === undefined || isSeen(sample, before)) return true;
    return undrawn >= FLAT_SECONDS && !isFlat(before.cpu);
  }

  #draw(service: string): void {
    this.#undrawn.set(service, 0);
    for (const listener of this.#listeners.get(service) ?? []) listener();
  }
}

/**
 * With the seconds since then. The core tells of what is at rest now and then only, and of everything that moves: whatever lies
 * between was the quieter of the two.
 */
function extended(
  before: ServiceFigures | undefined,
  { seconds, cpu }: { readonly seconds: number; readonly cpu: number },
): readonly number[] {
  if (before === undefined) return [];
  return [...before.cpu, ...Array<number>(seconds).fill(Math.min(cpu, before.cpu.at(-1) ?? cpu))];
}

/** What is read late was guessed to be a rest meanwhile. */
function withoutGuesses(before: ServiceFigures | undefined, sample: StatsSample): ServiceFigures | undefined {
  if (before === undefined || sample.at > before.at) return before;
  const guessed = Math.floor((before.at - sample.at) / SAMPLE_MS) + 1;
  return { ...before, cpu: before.cpu.slice(0, -guessed), at: before.at - guessed * SAMPLE_MS };
}

/** A whole line without anything to be seen on it: it looks the same a second later. */
function isFlat(cpu: readonly number[]): boolean {
  return cpu.length >= SAMPLES_KEPT && Math.max(...cpu) - Math.min(...cpu) < SEEN_CPU;
}

function secondsBetween(before: ServiceFigures | undefined, sample: StatsSample): number {
  if (before === undefined) return 1;
  const seconds = Math.round((sample.at - before.at) / SAMPLE_MS);
  return Math.min(Math.max(seconds, 1), SAMPLES_KEPT);
}

function isSeen(sample: StatsSample, { cpu, memoryBytes }: ServiceFigures): boolean {
  const moved = Math.abs(sample.cpu - (cpu.at(-1) ?? 0)) >= SEEN_CPU;
  return moved || Math.abs(sample.memoryBytes - memoryBytes) >= memoryBytes * SEEN_MEMORY;
}
