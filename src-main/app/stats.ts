import { isKind } from '#contract/errors.ts';
import type { StatsSample } from '#contract/requests/service.ts';
import type { ContainerStats } from '#engine/containers.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import type { Workspace } from './workspace.ts';

/** The engine sends about one sample a second for each container; all of a second go out together. */
const BATCH_MS = 250;

/** Live figures of these services, replicas added up, for as long as somebody listens. Nothing is read for others. */
export async function* sampleStats(
  workspace: Workspace,
  services: readonly string[],
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly StatsSample[], void, void> {
  const board = new StatsBoard(workspace, new Set(services), signal);
  try {
    yield* board.batches();
  } finally {
    board.close();
  }
}

/** One open stats stream per running container, opened and closed as containers come and go. */
class StatsBoard {
  readonly #workspace: Workspace;
  readonly #services: ReadonlySet<string>;
  readonly #ended = new AbortController();
  readonly #signal: AbortSignal;
  readonly #open = new Map<string, AbortController>();
  readonly #latest = new Map<string, { readonly service: string; readonly stats: ContainerStats }>();
  #fresh = new Set<string>();
  #wake: () => void = () => {};
  /** What nobody expects of a stream: who listens is told. */
  #failure: { readonly thrown: unknown } | undefined;

  constructor(workspace: Workspace, services: ReadonlySet<string>, signal: AbortSignal | undefined) {
    this.#workspace = workspace;
    this.#services = services;
    this.#signal = signal ? AbortSignal.any([signal, this.#ended.signal]) : this.#ended.signal;
  }

  async *batches(): AsyncGenerator<readonly StatsSample[], void, void> {
    const heard = this.#workspace.observedChanges.on(() => this.#follow());
    const onAbort = () => this.#wake();
    this.#signal.addEventListener('abort', onAbort, { once: true });
    try {
      this.#follow();
      while (!this.#signal.aborted) {
        if (this.#fresh.size === 0 && !this.#failure)
          await new Promise<void>((resolve) => (this.#wake = resolve));
        if (this.#failure) throw this.#failure.thrown;
        // Samples of one second arrive within some milliseconds of each other.
        await this.#workspace.clock.sleep(BATCH_MS, this.#signal).catch(() => undefined);
        if (this.#signal.aborted) return;
        const services = this.#fresh;
        this.#fresh = new Set();
        yield [...services].sort().flatMap((service) => this.#sum(service));
      }
    } finally {
      heard.dispose();
      this.#signal.removeEventListener('abort', onAbort);
    }
  }

  close(): void {
    this.#ended.abort();
    for (const abort of this.#open.values()) abort.abort();
  }

  #follow(): void {
    const running = this.#workspace.containers.filter(
      (container) => container.state === 'running' && this.#services.has(container.service),
    );
    const ids = new Set<string>(running.map(({ id }) => id));
    for (const [id, abort] of this.#open) if (!ids.has(id)) abort.abort();
    for (const container of running) if (!this.#open.has(container.id)) void this.#read(container);
  }

  async #read({ id, service }: ObservedContainer): Promise<void> {
    const abort = new AbortController();
    this.#open.set(id, abort);
    try {
      const signal = AbortSignal.any([abort.signal, this.#signal]);
      for await (const stats of await this.#workspace.engine().openStats(id, { signal })) {
        this.#latest.set(id, { service, stats });
        await this.#workspace.memory.note(service, stats.memoryBytes);
        this.#fresh.add(service);
        this.#wake();
      }
    } catch (thrown) {
      // The container or the engine went: the next change of what is observed opens it again, where there is one.
      if (
        !this.#signal.aborted &&
        !isKind(
          thrown,
          'cancelled',
          'engine.notFound',
          'engine.unreachable',
          'engine.failed',
          'engine.conflict',
        )
      ) {
        this.#failure = { thrown };
        this.#wake();
      }
    } finally {
      this.#open.delete(id);
      this.#latest.delete(id);
    }
  }

  #sum(service: string): StatsSample[] {
    const parts = [...this.#latest.values()]
      .filter((entry) => entry.service === service)
      .map(({ stats }) => stats);
    if (parts.length === 0) return [];
    const sum = (read: (stats: ContainerStats) => number) => parts.reduce((all, part) => all + read(part), 0);
    return [
      {
        service,
        at: Math.max(...parts.map((part) => part.at)),
        cpu: sum((part) => part.cpu),
        memoryBytes: sum((part) => part.memoryBytes),
        memoryLimitBytes: Math.max(...parts.map((part) => part.memoryLimitBytes)),
      },
    ];
  }
}
