import type { ByteChannel } from '#base/byteChannel.ts';
import type { Clock } from '#base/clock.ts';
import type { Disposable } from '#base/disposables.ts';
import type { Engine } from '#engine/engine.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import { LogCollector } from '#streams/logCollector.ts';
import type { LogContainer } from '#streams/logFeed.ts';
import { LogStore } from '#streams/logStore/logStore.ts';
import { type LogsRequest, serveLogs } from '#streams/logView.ts';
import type { LogMarker } from '#streams/markers.ts';

/** A project's logs: one store on disk, filled for as long as the project is open and there is an engine. */
export class WorkspaceLogs implements Disposable {
  readonly #folder: string;
  readonly #clock: Clock;
  #store: Promise<LogStore> | undefined;
  #collector: { readonly collector: LogCollector; readonly engine: Engine } | undefined;
  #wanted: { readonly engine: Engine; readonly containers: readonly ObservedContainer[] } | undefined;
  #disposed = false;

  constructor(options: { readonly folder: string; readonly clock: Clock }) {
    this.#folder = options.folder;
    this.#clock = options.clock;
  }

  /** The containers as they are now: their lines are collected. */
  async sync(engine: Engine, containers: readonly ObservedContainer[]): Promise<void> {
    this.#wanted = { engine, containers };
    const store = await this.#open();
    if (this.#disposed || this.#wanted === undefined) return;
    const { engine: latest, containers: present } = this.#wanted;
    if (this.#collector?.engine !== latest) {
      void this.#collector?.collector.dispose();
      const collector = new LogCollector({ engine: latest, store, clock: this.#clock });
      this.#collector = { collector, engine: latest };
    }
    this.#collector.collector.sync(present.map(logContainer));
  }

  /** A line of ours among a service's lines; nowhere to be seen where nothing is collected. */
  mark(service: string, marker: LogMarker, atMs: number): void {
    this.#collector?.collector.mark({ service, number: 1, atMs }, marker);
  }

  /** Serves one stream to its end. */
  async serve(request: LogsRequest, channel: ByteChannel): Promise<void> {
    await serveLogs({ store: await this.#open(), request, channel });
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#collector?.collector.dispose();
    // A store that could not be opened has nothing to be closed.
    const store = await this.#store?.catch(() => undefined);
    await store?.dispose();
  }

  #open(): Promise<LogStore> {
    this.#store ??= LogStore.open({ folder: this.#folder });
    return this.#store;
  }
}

function logContainer(container: ObservedContainer): LogContainer {
  const { id, service, number, tty, state, startedAt } = container;
  return { id, service, number, tty, state, startedAt, logDriver: logDriverOf(container) };
}

/** What the engine was told; nothing said is the engine's default, which can be read more often than not. */
function logDriverOf({ effective }: ObservedContainer): string {
  const config = effective?.hostConfig['LogConfig'];
  if (typeof config !== 'object' || config === null || !('Type' in config)) return 'json-file';
  return typeof config.Type === 'string' && config.Type !== '' ? config.Type : 'json-file';
}
