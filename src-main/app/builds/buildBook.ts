import type { Disposable } from '#base/disposables.ts';
import { Emitter } from '#base/emitter.ts';
import { SequentialQueue } from '#base/sequentialQueue.ts';
import type { TextStore } from '#base/textStore.ts';
import type { BuildView } from '#contract/requests/builds.ts';
import type { ContextStamps } from '#images/build/seenContext.ts';

const FILE = 'builds.json';
/** Builds kept of each service. */
const KEPT_BUILDS = 20;
/** Output kept of a step that went well; the end of it is what one looks for later. */
const KEPT_LOG_CHARACTERS = 600;
/** What a project's file may grow to: the oldest builds go first. */
const KEPT_CHARACTERS = 2_000_000;

/** The builds of one project: those at work here, and the last of each service, on disk, where other processes write, too. */
export class BuildBook {
  readonly #changes = new Emitter<void>();
  readonly #store: TextStore;
  readonly #queue = new SequentialQueue();
  readonly #running = new Map<string, BuildView>();
  /** Heard of when others write: only then may what was read be kept. */
  #written: Disposable | undefined;
  #kept: readonly BuildView[] | undefined;

  constructor(store: TextStore) {
    this.#store = store;
  }

  /** Takes what a build says of itself. The end of one is written before the next is read. */
  hear(view: BuildView): void {
    if (view.outcome === 'running') this.#running.set(view.service, view);
    else {
      this.#running.delete(view.service);
      void this.#queue.run(() => this.#keep(view)).catch(() => undefined); // a memory, not the user's data
    }
    this.#changes.emit();
  }

  /** Tells when a build has begun, moved on or ended here, or one that ended elsewhere was written down. */
  watch(listener: () => void): Disposable {
    const heard = this.#changes.on(listener);
    this.#written ??= this.#store.watch(FILE, () => {
      this.#kept = undefined;
      this.#changes.emit();
    });
    return {
      dispose: () => {
        heard.dispose();
        if (this.#changes.size > 0) return;
        void this.#written?.dispose();
        this.#written = undefined;
        this.#kept = undefined;
      },
    };
  }

  /** Newest first; one that is at work stands before them. */
  async history(service: string): Promise<readonly BuildView[]> {
    const kept = await this.#queue.run(() => this.#read());
    const running = this.#running.get(service);
    return [...(running ? [running] : []), ...kept.filter((view) => view.service === service)];
  }

  /** The last build of each service that has one. */
  async latest(): Promise<readonly BuildView[]> {
    const kept = await this.#queue.run(() => this.#read());
    const found = new Map<string, BuildView>();
    for (const view of [...this.#running.values(), ...kept])
      if (!found.has(view.service)) found.set(view.service, view);
    return [...found.values()].sort((a, b) => (a.service < b.service ? -1 : 1));
  }

  /** What the last build of a service saw of its context. */
  async context(service: string): Promise<ContextStamps | undefined> {
    const text = await this.#queue.run(() => this.#store.read(contextName(service)));
    try {
      return text === undefined ? undefined : (JSON.parse(text) as ContextStamps);
    } catch {
      return undefined; // cut off while it was written: the next build begins anew
    }
  }

  keepContext(service: string, stamps: ContextStamps): void {
    const write = () => this.#store.update(contextName(service), () => JSON.stringify(stamps));
    void this.#queue.run(write).catch(() => undefined); // a memory, not the user's data
  }

  async #keep(view: BuildView): Promise<void> {
    await this.#store.update(FILE, (text) => {
      const builds = bounded([shortened(view), ...parse(text)]);
      if (this.#written !== undefined) this.#kept = builds;
      return `${JSON.stringify({ version: 1, builds })}\n`;
    });
  }

  async #read(): Promise<readonly BuildView[]> {
    if (this.#kept !== undefined) return this.#kept;
    const builds = parse(await this.#store.read(FILE));
    if (this.#written !== undefined) this.#kept = builds;
    return builds;
  }
}

function bounded(builds: readonly BuildView[]): readonly BuildView[] {
  let left = KEPT_CHARACTERS;
  return builds.filter((entry, at) => {
    const newer = builds.slice(0, at).filter((other) => other.service === entry.service).length;
    left -= JSON.stringify(entry).length;
    return newer < KEPT_BUILDS && left > 0;
  });
}

function contextName(service: string): string {
  return `context-${service}.json`;
}

function shortened(view: BuildView): BuildView {
  const steps = view.steps.map((step) =>
    step.status === 'failed' ? step : { ...step, log: step.log.slice(-KEPT_LOG_CHARACTERS) },
  );
  return { ...view, steps };
}

/** What is not a history of this version counts as none. */
function parse(text: string | undefined): readonly BuildView[] {
  if (text === undefined) return [];
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('builds' in value) || !Array.isArray(value.builds))
      return [];
    return value.builds.filter(isView);
  } catch {
    return [];
  }
}

function isView(value: unknown): value is BuildView {
  return (
    typeof value === 'object' &&
    value !== null &&
    'service' in value &&
    'steps' in value &&
    Array.isArray(value.steps)
  );
}
