import type { Client } from '#client/connection.ts';
import type { WorkspaceId } from '#contract/ids.ts';
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

export interface ServiceFigures {
  /** Shares of one core, one a second, oldest first. */
  readonly cpu: readonly number[];
  readonly memoryBytes: number;
  /** When the last of them was read. */
  readonly at: number;
}

/** Live figures of the services on screen, and of no others. */
export class StatsBook {
  readonly #client: Client;
  readonly #figures = new Map<string, ServiceFigures>();
  readonly #listeners = new Map<string, Set<() => void>>();
  /** By service: seconds since it was drawn last. */
  readonly #undrawn = new Map<string, number>();
  #wanted = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #abort: AbortController | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  figures(service: string): ServiceFigures | undefined {
    return this.#figures.get(service);
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
    if (wanted === '' || workspace === undefined) {
      this.#abort?.abort();
      return;
    }
    this.#timer = setTimeout(() => void this.#stream(workspace, services), SETTLE_MS);
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
      for await (const batch of samples) this.#take(batch);
    } catch {
      // The engine or the core went away: their own banners say so. Figures come back with them.
    }
    if (abort.signal.aborted || wanted !== this.#wanted) return;
    this.#timer = setTimeout(() => void this.#stream(workspace, services), RETRY_MS);
  }

  #take(batch: readonly StatsSample[]): void {
    for (const sample of batch) {
      const before = this.#figures.get(sample.service);
      // Of a service at rest the core tells only now and then: the seconds between were like this one.
      const seconds = secondsBetween(before, sample);
      const cpu = [...(before?.cpu ?? []), ...Array<number>(seconds).fill(sample.cpu)].slice(-SAMPLES_KEPT);
      this.#figures.set(sample.service, { cpu, memoryBytes: sample.memoryBytes, at: sample.at });
      if (this.#isDue(sample, { before, seconds })) this.#draw(sample.service);
    }
  }

  #isDue(
    sample: StatsSample,
    { before, seconds }: { readonly before: ServiceFigures | undefined; readonly seconds: number },
  ): boolean {
    const undrawn = (this.#undrawn.get(sample.service) ?? 0) + seconds;
    this.#undrawn.set(sample.service, undrawn);
    return undrawn >= FLAT_SECONDS || before === undefined || isSeen(sample, before);
  }

  #draw(service: string): void {
    this.#undrawn.set(service, 0);
    for (const listener of this.#listeners.get(service) ?? []) listener();
  }
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
