import { createHash } from 'node:crypto';
import { AppFailure } from '#contract/errors.ts';
import type { BuildEntry, BuildFolder } from '#engine/builds.ts';

/** What a build saw of each file: its facts and, where the builder asked for its content, what that was. */
export interface ContextStamp {
  readonly facts: string;
  readonly digest?: string | undefined;
}

/** By path, relative to the context. */
export type ContextStamps = Readonly<Record<string, ContextStamp>>;

/** Contexts that are larger have other troubles, and a file that remembers them would be one more. */
const STAMPS_LIMIT = 50_000;

/** Remembers a context while it is sent, so that the next build can say what has changed. */
export class SeenContext {
  readonly #before: ContextStamps;
  readonly #now = new Map<string, ContextStamp>();
  #denied: AppFailure | undefined;

  constructor(before: ContextStamps = {}) {
    this.#before = before;
  }

  /** The same folder; what is listed and read of it is noted on the way. */
  watch(folder: BuildFolder): BuildFolder {
    return {
      identity: () => folder.identity(),
      list: (filter) => this.#unlessDenied(this.#listed(folder.list(filter))),
      read: (name) => this.#unlessDenied(this.#read(name, folder.read(name))),
    };
  }

  /** What could not be read for want of rights. The builder only says that its client failed; this says why. */
  get denied(): AppFailure | undefined {
    return this.#denied;
  }

  /** Undefined where it is too large to be remembered. */
  get stamps(): ContextStamps | undefined {
    return this.#now.size > STAMPS_LIMIT ? undefined : Object.fromEntries(this.#now);
  }

  /** Files that came, changed or went since the build before; undefined where that is not known. */
  changed(): readonly string[] | undefined {
    if (Object.keys(this.#before).length === 0) return undefined;
    const names = new Set([...this.#now.keys(), ...Object.keys(this.#before)]);
    return [...names].filter((name) => isOther(this.#before[name], this.#now.get(name))).sort();
  }

  async *#unlessDenied<T>(entries: AsyncIterable<T>): AsyncGenerator<T, void, void> {
    try {
      yield* entries;
    } catch (thrown) {
      this.#denied ??= deniedFailure(thrown);
      throw thrown;
    }
  }

  async *#listed(entries: AsyncIterable<BuildEntry>): AsyncGenerator<BuildEntry, void, void> {
    for await (const entry of entries) {
      const facts = `${entry.kind}.${entry.mode}.${entry.sizeBytes}.${entry.kind === 'file' ? entry.modifiedNs : ''}${entry.linkTarget ?? ''}`;
      const known = this.#before[entry.path];
      const digest = known?.facts === facts ? known.digest : undefined;
      if (entry.kind !== 'folder')
        this.#now.set(entry.path, digest === undefined ? { facts } : { facts, digest });
      yield entry;
    }
  }

  async *#read(name: string, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    const hash = createHash('sha256');
    for await (const chunk of content) {
      hash.update(chunk);
      yield chunk;
    }
    const known = this.#now.get(name);
    if (known !== undefined) this.#now.set(name, { ...known, digest: hash.digest('base64') });
  }
}

/** What the system calls a file or folder that is not ours to read. */
const DENIED = new Set(['EACCES', 'EPERM']);

function deniedFailure(thrown: unknown): AppFailure | undefined {
  const { code, path } = thrown as NodeJS.ErrnoException;
  if (code === undefined || !DENIED.has(code)) return undefined;
  return new AppFailure(
    {
      kind: 'path.denied',
      path: path ?? '',
      message: `${path} is in the build context and may not be read.`,
      hint: 'Give yourself the right to read it (chmod u+r, for a folder u+rx), or name it in .dockerignore.',
    },
    { cause: thrown },
  );
}

/** A file that was only touched is the same, where its content is known. */
function isOther(before: ContextStamp | undefined, now: ContextStamp | undefined): boolean {
  if (before === undefined || now === undefined) return true;
  if (before.facts === now.facts) return false;
  return before.digest === undefined || before.digest !== now.digest;
}
