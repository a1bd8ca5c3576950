import type { ByteChannel } from '#base/byteChannel.ts';
import type { Clock } from '#base/clock.ts';
import type { Disposable } from '#base/disposables.ts';
import { perObject } from '#base/perObject.ts';
import type { BootTimeline } from '#contract/requests/boot.ts';
import type { Engine } from '#engine/engine.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import { firstLines } from '#streams/firstLines.ts';
import { LogCollector } from '#streams/logCollector.ts';
import type { LogContainer } from '#streams/logFeed.ts';
import { LogStore } from '#streams/logStore/logStore.ts';
import { type LogsRequest, serveLogs } from '#streams/logView.ts';
import type { LogMarker } from '#streams/markers.ts';
import { KnownTemplates } from '#streams/templates.ts';
import { ContainerHistory } from './logs/containerMarkers.ts';

/** What services say right after they are ready belongs to the boot: so long it is listened to, in milliseconds. */
const AFTER_BOOT_MS = 2000;

/** While another process writes the store: how often to look what it wrote, and whether it is gone, in milliseconds. */
const OTHER_WRITER_MS = 500;

/** A project's logs: one store on disk, filled for as long as the project is open and there is an engine. */
export class WorkspaceLogs implements Disposable {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #role: 'collects' | 'reads';
  readonly #history = new ContainerHistory();
  readonly #ending = new AbortController();
  #store: Promise<LogStore> | undefined;
  #templates: Promise<KnownTemplates> | undefined;
  #learning: Promise<void> = Promise.resolve();
  #collector: { readonly collector: LogCollector; readonly engine: Engine } | undefined;
  #wanted: { readonly engine: Engine; readonly containers: readonly ObservedContainer[] } | undefined;
  #disposed = false;
  /** A boot began before anything could be written down. */
  #began: number | undefined;

  readonly #onLearnFailed: (thrown: unknown) => void;
  readonly #onReadFailed: (thrown: unknown) => void;

  constructor(options: {
    readonly folder: string;
    readonly clock: Clock;
    /** A command that only reads must not keep the app from writing. */
    readonly role: 'collects' | 'reads';
    readonly onLearnFailed: (thrown: unknown) => void;
    /** What another process writes could not be looked at; it is tried again. */
    readonly onReadFailed: (thrown: unknown) => void;
  }) {
    this.#folder = options.folder;
    this.#clock = options.clock;
    this.#role = options.role;
    this.#onLearnFailed = options.onLearnFailed;
    this.#onReadFailed = options.onReadFailed;
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
    const { collector } = this.#collector;
    this.#markBegan();
    const markers = this.#history.next(present, this.#clock.now());
    // A start stands before the first line, and an end behind the last: only the collector knows whether lines are to come.
    for (const { marker, isLast, ...at } of markers) if (!isLast) collector.mark(at, marker);
    collector.sync(present.map(logContainer));
    for (const { marker, isLast, ...at } of markers) if (isLast) collector.mark(at, marker);
  }

  /** A line of ours among a service's lines; nowhere to be seen where nothing is collected. */
  mark(service: string, marker: LogMarker, atMs: number): void {
    this.#collector?.collector.mark({ service, number: 1, atMs }, marker);
  }

  bootBegan(): void {
    this.#began = this.#clock.now();
    this.#markBegan();
  }

  #markBegan(): void {
    if (this.#collector === undefined || this.#began === undefined) return;
    this.#collector.collector.markProject({ type: 'bootBegan' }, this.#began);
    this.#began = undefined;
  }

  /** Of a green boot the lines are learned, soon after: what later lines are new against. */
  bootEnded({ startedAt, outcome }: Pick<BootTimeline, 'startedAt' | 'outcome'>): void {
    const green = outcome === 'done';
    const marker = { type: 'bootEnded', green, cancelled: outcome === 'cancelled' } as const;
    this.#collector?.collector.markProject(marker, this.#clock.now());
    if (green && this.#collector !== undefined)
      this.#learning = this.#learning.then(() => this.#learn(startedAt));
  }

  /** By service that a boot has worked on: when its first line came, as far as lines have come in. */
  async firstLines(boot: BootTimeline): Promise<ReadonlyMap<string, number>> {
    const services = new Set<string>(boot.services.map(({ service }) => service));
    if (services.size === 0 || this.#collector === undefined) return new Map();
    return firstLines(await this.#open(), { services, sinceMs: boot.startedAt });
  }

  /** Serves one stream to its end. */
  async serve(request: LogsRequest, channel: ByteChannel): Promise<void> {
    const { store, isNew } = await this.reading();
    await serveLogs({ store, request, channel, isNew });
  }

  /** What is stored, and what of it is new since the last good boot. */
  async reading(): Promise<{
    readonly store: LogStore;
    readonly isNew: (line: Buffer) => boolean;
    readonly knownKinds: number;
  }> {
    const [store, templates] = await Promise.all([this.#open(), this.#openTemplates()]);
    await store.refresh();
    return { store, isNew: templates.isNew, knownKinds: templates.size };
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#ending.abort();
    await this.#learning;
    await this.#collector?.collector.dispose();
    // A store that could not be opened has nothing to be closed.
    const store = await this.#store?.catch(() => undefined);
    await store?.dispose();
  }

  /** Never rejects: what is not learned is shown as new once more. */
  async #learn(fromMs: number): Promise<void> {
    try {
      await this.#clock.sleep(AFTER_BOOT_MS, this.#ending.signal);
      const [store, templates] = await Promise.all([this.#open(), this.#openTemplates()]);
      if (store.writable) await templates.learn(store, { fromMs, untilMs: this.#clock.now() });
    } catch (thrown) {
      if (!this.#ending.signal.aborted) this.#onLearnFailed(thrown);
    }
  }

  #openTemplates(): Promise<KnownTemplates> {
    this.#templates ??= KnownTemplates.open(this.#folder);
    return this.#templates;
  }

  #open(): Promise<LogStore> {
    this.#store ??= this.#openStore().catch((thrown: unknown) => {
      this.#store = undefined; // a full disk, say: the next who asks tries again
      throw thrown;
    });
    return this.#store;
  }

  async #openStore(): Promise<LogStore> {
    const readOnly = this.#role === 'reads';
    const store = await LogStore.open({ folder: this.#folder, readOnly });
    if (!readOnly && !store.writable) void this.#besideAnother(store);
    return store;
  }

  /** Shows what another process writes, and takes its place when it ends: lines must not go uncollected. */
  async #besideAnother(store: LogStore): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      await this.#clock.sleep(OTHER_WRITER_MS, signal).catch(() => undefined); // aborted: the loop ends
      if (signal.aborted) return;
      try {
        if (await store.takeOver()) break;
        await store.refresh();
      } catch (thrown) {
        // A file that the other process has just taken away: the next look finds another state.
        if (!signal.aborted) this.#onReadFailed(thrown);
      }
    }
    if (this.#wanted !== undefined) await this.sync(this.#wanted.engine, this.#wanted.containers);
  }
}

const logContainer = perObject((container: ObservedContainer): LogContainer => {
  const { id, service, number, tty, state, startedAt } = container;
  return { id, service, number, tty, state, startedAt, logDriver: logDriverOf(container) };
});

/** What the engine was told; nothing said is the engine's default, which can be read more often than not. */
function logDriverOf({ effective }: ObservedContainer): string {
  const config = effective?.hostConfig['LogConfig'];
  if (typeof config !== 'object' || config === null || !('Type' in config)) return 'json-file';
  return typeof config.Type === 'string' && config.Type !== '' ? config.Type : 'json-file';
}
