import { isDeepStrictEqual } from 'node:util';
import { type Disposable, Disposables } from '#base/disposables.ts';
import { SequentialQueue } from '#base/sequentialQueue.ts';
import type { TextStore } from '#base/textStore.ts';
import { overrideService } from '#compose/override.ts';
import type { Project, Service } from '#compose/project.ts';
import { unknownService } from '#compose/unknownService.ts';
import { AppFailure, isKind } from '#contract/errors.ts';
import type { ServiceRecord } from '#contract/model.ts';
import type { LimitApplied, MemoryFit } from '#contract/requests/memory.ts';
import type { Engine } from '#engine/engine.ts';
import { configHashes } from '#plan/hashes.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import type { ProjectSource } from '../projectSource.ts';
import { slipwayFiles } from '../versions/slipwayFiles.ts';
import { limitOverride, memoryDefinition } from './memoryDefinition.ts';
import { memoryFit } from './memoryFit.ts';

/** Below this the engine refuses a limit. Source: moby `daemon/daemon_unix.go`, linuxMinMemory. */
const LEAST_BYTES = 6 * 1024 * 1024;
const STORE = 'memory.json';
const NOTED_GROWTH = 1.1;

export interface MemoryContext {
  readonly source: ProjectSource;
  readonly engine: () => Engine;
  readonly replicas: (service: string) => readonly ObservedContainer[];
  /** Containers that the engine ran out of memory in, by service, since they are watched. */
  readonly oomKills: (service: string) => number;
  /** What the machine of the engine can still give. */
  readonly freeBytes: () => number;
  readonly store: TextStore;
  /** A command is over before others have written anything. */
  readonly role: 'listens' | 'reads';
  readonly changed: () => void;
}

interface Remembered {
  /** By service: the most that one replica was seen to use. */
  readonly peaks: Record<string, number>;
  /** By container: the configuration it was brought to while it ran, which its own label does not say. */
  applied: Readonly<Record<string, string>>;
}

/** Limits, what was seen, and whether the next boot will fit. */
export class Memory implements Disposable {
  readonly #context: MemoryContext;
  readonly #writing = new SequentialQueue();
  readonly #disposables = new Disposables();
  #remembered: Remembered = { peaks: {}, applied: {} };
  /** What was done to containers here and is not yet written down. */
  #unsaved: Readonly<Record<string, string>> = {};
  #save: Promise<void> | undefined;

  constructor(context: MemoryContext) {
    this.#context = context;
  }

  /** Reads what is remembered, and hears from now on what others remember. A file that cannot be read is as good as none. */
  async start(): Promise<void> {
    if (this.#context.role === 'listens')
      this.#disposables.add(this.#context.store.watch(STORE, () => void this.#read()));
    await this.#read();
  }

  dispose(): Promise<void> {
    return this.#disposables.dispose();
  }

  /** What the record of a service says. */
  record(name: string, service: Service): NonNullable<ServiceRecord['memory']> {
    const ended = this.#context.replicas(name).filter(({ oomKilled }) => oomKilled).length;
    return { ...memoryDefinition(service), oomKills: Math.max(this.#context.oomKills(name), ended) };
  }

  /** One replica was seen to use this much. Kept to within a tenth, so that a growing one is not written every second. */
  async note(service: string, bytes: number): Promise<void> {
    const before = this.#remembered.peaks[service] ?? 0;
    if (bytes <= before * NOTED_GROWTH) return;
    this.#remembered.peaks[service] = bytes;
    await this.#saved().catch(() => undefined); // a memory, not the user's data: a full disk must not end the figures
  }

  fit(services: readonly string[]): MemoryFit {
    const project = this.#context.source.require();
    const running = (name: string) =>
      this.#context.replicas(name).filter(({ state }) => state === 'running').length;
    return memoryFit({
      project,
      services: services.length > 0 ? services : Object.keys(project.services),
      running,
      seen: (name) => this.#remembered.peaks[name],
      freeBytes: this.#context.freeBytes(),
    });
  }

  /** Into the override, and into the containers that run where the engine takes it. */
  async setLimit(name: string, limit: number | 'none' | 'file'): Promise<LimitApplied> {
    const { source } = this.#context;
    const before = definitionOf(source.require(), name);
    if (typeof limit === 'number' && limit < LEAST_BYTES) {
      throw new AppFailure({
        kind: 'input.invalid',
        field: 'limit',
        message: 'The engine takes no limit below 6 MiB.',
      });
    }
    const unchanged = this.#context.replicas(name).filter((replica) => this.#hashOf(replica) === before.hash);
    const files = slipwayFiles(source.require().workingDir);
    const attributes = limitOverride(before.service, limit);
    await files.writeOverride(overrideService(await files.readOverride(), name, { attributes }));
    await source.load();
    const applied = await this.#apply(name, unchanged);
    this.#context.changed();
    return applied;
  }

  /** By container, anew with each change: what `withApplied` goes by. */
  get applied(): Readonly<Record<string, string>> {
    return this.#remembered.applied;
  }

  /** A container that was brought to another configuration while it ran counts as made of it. */
  withApplied(containers: readonly ObservedContainer[]): readonly ObservedContainer[] {
    const { applied } = this.#remembered;
    if (Object.keys(applied).length === 0) return containers;
    return containers.map((container) => {
      const configHash = applied[container.id];
      return configHash === undefined ? container : { ...container, configHash };
    });
  }

  async #apply(name: string, unchanged: readonly ObservedContainer[]): Promise<LimitApplied> {
    const { service, hash } = definitionOf(this.#context.source.require(), name);
    const { limitBytes } = memoryDefinition(service);
    const replicas = this.#context.replicas(name);
    if (limitBytes === undefined && replicas.length > 0) {
      return {
        type: 'nextBoot',
        reason: 'The engine cannot take a limit away from a container that is there.',
      };
    }
    try {
      for (const { id } of replicas) await this.#update(id, service, Number(limitBytes));
    } catch (thrown) {
      if (!(thrown instanceof AppFailure) || isKind(thrown, 'cancelled')) throw thrown;
      return { type: 'nextBoot', reason: thrown.message };
    }
    const fresh = Object.fromEntries(unchanged.map(({ id }) => [id, hash]));
    this.#unsaved = { ...this.#unsaved, ...fresh };
    this.#remembered.applied = { ...this.#remembered.applied, ...fresh };
    await this.#saved();
    return { type: 'live' };
  }

  #update(id: ObservedContainer['id'], service: Service, memoryBytes: number): Promise<void> {
    const swap = Number(service.memswap_limit ?? 0);
    return this.#context.engine().updateContainer(id, {
      memoryBytes,
      ...(swap === 0 ? {} : { memorySwapBytes: swap }),
    });
  }

  #hashOf({ id, configHash }: ObservedContainer): string | undefined {
    return this.#remembered.applied[id] ?? configHash;
  }

  /** A boot of hundreds of services tells of all of them within a moment: what comes while one write waits goes along with it. */
  #saved(): Promise<void> {
    this.#save ??= this.#writing.run(async () => {
      this.#save = undefined;
      let adopted = 'known' as 'news' | 'known';
      await this.#context.store.update(STORE, (text) => {
        adopted = this.#adopt(parsed(text));
        this.#unsaved = {};
        this.#forgetGone();
        return JSON.stringify(this.#remembered);
      });
      if (adopted === 'news') this.#context.changed();
    });
    return this.#save;
  }

  async #read(): Promise<void> {
    const text = await this.#context.store.read(STORE).catch(() => undefined);
    // Not there, or not to be read just now: what is known stays.
    if (text === undefined) return;
    if (this.#adopt(parsed(text)) === 'news') this.#context.changed();
  }

  /** What others have seen and done since. News is what they have done: whoever adopts it tells of it, and nobody else does. */
  #adopt({ peaks, applied }: Remembered): 'news' | 'known' {
    const known = this.#remembered;
    for (const [service, bytes] of Object.entries(peaks))
      if (bytes > (known.peaks[service] ?? 0)) known.peaks[service] = bytes;
    const now = { ...applied, ...this.#unsaved };
    if (isDeepStrictEqual(now, known.applied)) return 'known';
    known.applied = now;
    return 'news';
  }

  /** Containers that are gone are forgotten with the next change. */
  #forgetGone(): void {
    const { shown } = this.#context.source;
    if (shown === undefined) return;
    const services = Object.keys(shown.services);
    const ids = new Set<string>(services.flatMap((name) => this.#context.replicas(name).map(({ id }) => id)));
    const { applied } = this.#remembered;
    this.#remembered.applied = Object.fromEntries(Object.entries(applied).filter(([id]) => ids.has(id)));
  }
}

function definitionOf(project: Project, name: string): { readonly service: Service; readonly hash: string } {
  const service = project.services[name];
  if (service === undefined) throw unknownService(project, name);
  return { service, hash: configHashes(project).of(service) };
}

function parsed(text: string | undefined): Remembered {
  try {
    const value = JSON.parse(text ?? '{}') as Partial<Remembered>;
    return { peaks: { ...value.peaks }, applied: { ...value.applied } };
  } catch {
    return { peaks: {}, applied: {} };
  }
}
