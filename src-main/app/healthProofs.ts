import { type Disposable, Disposables } from '#base/disposables.ts';
import type { TextStore } from '#base/textStore.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import { Throttle } from './throttle.ts';

/** That a container's healthcheck has passed since this start of it. Times in milliseconds since the epoch. */
export interface HealthProof {
  readonly startedAt: number;
  readonly at: number;
  /** A check of the same start had failed before: what is known from before that failure does not count. */
  readonly afterFailure: boolean;
}

export interface HealthProofsContext {
  readonly store: TextStore;
  /** A command is over before others have written anything. */
  readonly role: 'listens' | 'reads';
  readonly changed: () => void;
  readonly failed: (thrown: unknown) => void;
}

const PROOFS_FILE = 'proofs.json';
/** A boot of 200 services proves 200 of them within seconds. */
const SAVE_MS = 1_000;

/**
 * Since when containers are healthy, kept beside the project's history: the engine runs a check for the first time after its
 * interval, and forgets all but the last five. What one process has proven or seen, another knows.
 */
export class HealthProofs implements Disposable {
  readonly #context: HealthProofsContext;
  readonly #disposables = new Disposables();
  readonly #saving: Throttle;
  /** Anew with each change. */
  #known: ReadonlyMap<string, HealthProof> = new Map();
  /** Of these another process has told, which may have seen them first: that they are not in our list means nothing yet. */
  readonly #unseen = new Set<string>();
  /** As listed last. */
  #present: ReadonlySet<string> = new Set();
  /** These were there: what others still have of them is old. */
  readonly #gone = new Set<string>();
  #unsaved = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(context: HealthProofsContext) {
    this.#context = context;
    this.#saving = new Throttle(() => void this.save(), SAVE_MS);
  }

  /** By container. */
  get known(): ReadonlyMap<string, HealthProof> {
    return this.#known;
  }

  /** Reads what is kept, and hears from now on what others keep. Never rejects. */
  async start(): Promise<void> {
    await this.#read();
    // What is not there by now has gone while nobody looked.
    this.#unseen.clear();
    if (this.#context.role === 'listens')
      this.#disposables.add(this.#context.store.watch(PROOFS_FILE, () => void this.#read()));
  }

  /** These containers are there, as they are known to be; what else was known of goes. */
  note(containers: readonly ObservedContainer[]): void {
    const present = new Set<string>(containers.map(({ id }) => id));
    this.#present = present;
    const better = containers.flatMap((container) => {
      const proof = proofOf(container);
      return proof !== undefined && isBetter(proof, this.#known.get(container.id))
        ? [[container.id as string, proof] as const]
        : [];
    });
    if (better.length === 0 && this.#known.size === 0) return;
    for (const id of present) {
      this.#unseen.delete(id);
      this.#gone.delete(id);
    }
    const left = [...this.#known].filter(([id]) => present.has(id) || this.#unseen.has(id));
    if (better.length === 0 && left.length === this.#known.size) return;
    const known = new Map([...left, ...better]);
    for (const id of this.#known.keys()) if (!known.has(id)) this.#gone.add(id);
    this.#known = known;
    this.#unsaved = true;
    this.#saving.schedule();
  }

  /** Resolves when all that was noted is on disk. Never rejects. */
  async save(): Promise<void> {
    if (this.#unsaved) {
      this.#unsaved = false;
      this.#writing = this.#writing.then(() => this.#write());
    }
    await this.#writing;
  }

  async dispose(): Promise<void> {
    await this.#disposables.dispose();
    this.#saving.dispose();
    await this.save();
  }

  async #write(): Promise<void> {
    try {
      await this.#context.store.update(PROOFS_FILE, (text) => {
        this.#adopt(text);
        return JSON.stringify(Object.fromEntries(this.#known));
      });
    } catch (thrown) {
      this.#context.failed(thrown);
    }
  }

  async #read(): Promise<void> {
    try {
      this.#adopt(await this.#context.store.read(PROOFS_FILE));
    } catch (thrown) {
      this.#context.failed(thrown);
    }
  }

  /** What others have written since. */
  #adopt(text: string | undefined): void {
    const better = parsed(text).filter(
      ([id, proof]) => !this.#gone.has(id) && isBetter(proof, this.#known.get(id)),
    );
    if (better.length === 0) return;
    for (const [id] of better) if (!this.#present.has(id)) this.#unseen.add(id);
    this.#known = new Map([...this.#known, ...better]);
    this.#context.changed();
  }
}

function proofOf(container: ObservedContainer): HealthProof | undefined {
  const { startedAt, health, healthSince: at, lastFailedCheck } = container;
  if (container.state !== 'running' || health !== 'healthy') return undefined;
  if (startedAt === undefined || at === undefined) return undefined;
  return { startedAt, at, afterFailure: lastFailedCheck !== undefined && lastFailedCheck < at };
}

/** Of one start the first pass counts, or the first after the last failure. */
function isBetter(proof: HealthProof, known: HealthProof | undefined): boolean {
  if (known === undefined || proof.startedAt !== known.startedAt)
    return proof.startedAt > (known?.startedAt ?? 0);
  if (proof.afterFailure !== known.afterFailure) return proof.afterFailure && proof.at > known.at;
  return proof.afterFailure ? proof.at > known.at : proof.at < known.at;
}

/** A file that cannot be read is as good as none. */
function parsed(text: string | undefined): readonly (readonly [string, HealthProof])[] {
  try {
    const read: unknown = JSON.parse(text ?? '{}');
    return Object.entries(read as Record<string, HealthProof>).filter(
      ([, proof]) => typeof proof?.startedAt === 'number' && typeof proof.at === 'number',
    );
  } catch {
    return [];
  }
}
