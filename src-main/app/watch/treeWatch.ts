import { type BigIntStats, type FSWatcher, watch } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Disposable } from '#base/disposables.ts';
import { FileWatch } from '#disk/fileWatch.ts';

/** Quiet time after a change before it is looked at: an editor's save takes several steps. */
const SETTLE_MS = 60;
/** Of many files at once the next may be a while in coming, on a busy machine. */
const STORM_SETTLE_MS = 400;
const STORM_NAMES = 100;
/** A file that is written to all the time is looked at all the same after so long. */
const LONGEST_MS = 1_000;
/** As long as names come that were not heard of yet (a branch is being switched, an archive unpacked), the end is waited for. */
const LONGEST_STORM_MS = 60_000;
/** Folders read at once. */
const READERS = 16;

/** What is known of one file, folder or link; a change of any of it is a change. */
export interface TreeEntry {
  readonly kind: 'file' | 'folder' | 'link';
  readonly facts: string;
}

export interface TreeChange {
  /** Relative to the watched path, with `/`; empty for the path itself, where it is a file. */
  readonly name: string;
  readonly type: 'put' | 'gone';
  readonly kind: TreeEntry['kind'];
}

export interface TreeWatchOptions {
  /** Absolute: a folder, or a single file. */
  readonly path: string;
  /** A folder that stays, such as the project's: each one between it and `path` may go and come again. */
  readonly top?: string | undefined;
  readonly ignores: (name: string) => boolean;
  /** Everything that has changed since the last call, sorted, folders before what is in them. */
  readonly onChanges: (changes: readonly TreeChange[]) => void;
  /** The system has no more watches to give, or the path is gone. */
  readonly onTrouble: (message: string) => void;
}

/** A watch hears of one folder on the disk; another that has come in its place needs one of its own. */
interface Opened {
  readonly watcher: FSWatcher;
  readonly identity: string;
}

/**
 * Watches a tree by the system's notifications, a watch for each folder that is not ignored. A notification only says where to
 * look: what has changed is found by comparing, so that saves by renaming, moved folders and lost notifications end right.
 */
export class TreeWatch implements Disposable {
  readonly #options: TreeWatchOptions;
  readonly #watchers = new Map<string, Opened>();
  /** Hears of another file or folder in place of the watched one: its own watch stays with the one that is gone. */
  readonly #above = new FileWatch(() => this.#heard('', ''));
  readonly #known = new Map<string, TreeEntry>();
  readonly #dirty = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #first = 0;
  /** When a name was last heard that was new. */
  #since = 0;
  readonly #named = new Set<string>();
  #looking = false;
  #disposed = false;

  constructor(options: TreeWatchOptions) {
    this.#options = options;
  }

  /** Reads the tree and begins. What was `before` (from an earlier watch) is compared with; without it nothing is a change. */
  async start(before?: ReadonlyMap<string, TreeEntry>): Promise<void> {
    if (before !== undefined) for (const [name, entry] of before) this.#known.set(name, entry);
    this.#above.set(below(this.#options.top, this.#options.path));
    const changes = new Map<string, TreeChange>();
    await this.#look([''], changes);
    if (before === undefined) return;
    for (const [name, { kind }] of before) {
      if (this.#known.has(name)) continue;
      changes.set(name, { name, kind, type: 'gone' });
    }
    this.#tell(changes);
  }

  /** All that is there now, by name. */
  get tree(): ReadonlyMap<string, TreeEntry> {
    return this.#known;
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    this.#above.dispose();
    for (const name of [...this.#watchers.keys()]) this.#close(name);
  }

  #heard(folder: string, name: string): void {
    if (this.#disposed) return;
    this.#dirty.add(folder);
    const now = performance.now();
    if (this.#timer === undefined) this.#first = now;
    const before = this.#named.size;
    this.#named.add(`${folder}/${name}`);
    if (this.#named.size > before) this.#since = now;
    clearTimeout(this.#timer);
    const latest = Math.min(this.#since + LONGEST_MS, this.#first + LONGEST_STORM_MS);
    const settle = this.#named.size > STORM_NAMES ? STORM_SETTLE_MS : SETTLE_MS;
    const wait = Math.max(0, Math.min(settle, latest - now));
    this.#timer = setTimeout(() => void this.#settle(), wait);
  }

  /** One look at a time: what is heard meanwhile is looked at next. */
  async #settle(): Promise<void> {
    this.#timer = undefined;
    this.#named.clear();
    if (this.#looking || this.#disposed) return;
    this.#looking = true;
    try {
      while (this.#dirty.size > 0 && !this.#disposed) {
        const folders = [...this.#dirty];
        this.#dirty.clear();
        const changes = new Map<string, TreeChange>();
        await this.#look(folders, changes);
        this.#tell(changes);
      }
    } finally {
      this.#looking = false;
    }
  }

  #tell(changes: ReadonlyMap<string, TreeChange>): void {
    if (this.#disposed || changes.size === 0) return;
    this.#options.onChanges([...changes.values()].sort((a, b) => (a.name < b.name ? -1 : 1)));
  }

  async #look(folders: readonly string[], changes: Map<string, TreeChange>): Promise<void> {
    const queue = [...folders];
    const work = async () => {
      for (let folder = queue.pop(); folder !== undefined; folder = queue.pop())
        queue.push(...(await this.#lookAt(folder, changes)));
    };
    while (queue.length > 0) await Promise.all(Array.from({ length: READERS }, work));
  }

  /** Compares one folder with what was known of it. Gives the folders in it that are new. */
  async #lookAt(folder: string, changes: Map<string, TreeChange>): Promise<string[]> {
    await this.#open(folder);
    const names = await this.#names(folder);
    const fresh: string[] = [];
    for (const name of names) {
      if (name !== '' && this.#options.ignores(name)) continue;
      const found = await readEntry(path.join(this.#options.path, name));
      if (found !== undefined && this.#compare(name, found, changes)) fresh.push(name);
    }
    for (const name of this.#childrenOf(folder)) if (!names.has(name)) this.#forget(name, changes);
    return fresh;
  }

  /** Whether it is a folder that has not been looked into yet, or another one than before. */
  #compare(name: string, { entry, identity }: Found, changes: Map<string, TreeChange>): boolean {
    const known = this.#known.get(name);
    if (known?.facts !== entry.facts) changes.set(name, { name, kind: entry.kind, type: 'put' });
    if (known?.kind === 'folder' && entry.kind !== 'folder') this.#forget(name, changes);
    this.#known.set(name, entry);
    return (
      entry.kind === 'folder' && (known?.kind !== 'folder' || this.#watchers.get(name)?.identity !== identity)
    );
  }

  /** Names in the folder, relative to the tree; the single file itself where the tree is one. */
  async #names(folder: string): Promise<ReadonlySet<string>> {
    try {
      const names = await readdir(path.join(this.#options.path, folder));
      return new Set(names.map((name) => (folder === '' ? name : `${folder}/${name}`)));
    } catch (thrown) {
      const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
      if (code === 'ENOTDIR' && folder === '') return new Set(['']);
      return new Set();
    }
  }

  #childrenOf(folder: string): string[] {
    const prefix = folder === '' ? '' : `${folder}/`;
    return [...this.#known.keys()].filter(
      (name) => name.startsWith(prefix) && name !== folder && !name.slice(prefix.length).includes('/'),
    );
  }

  #forget(name: string, changes: Map<string, TreeChange>): void {
    for (const [other, { kind }] of this.#known) {
      if (other !== name && !other.startsWith(`${name}/`)) continue;
      this.#known.delete(other);
      this.#close(other);
      if (changes.get(other)?.type !== 'put') changes.set(other, { name: other, kind, type: 'gone' });
    }
  }

  async #open(folder: string): Promise<void> {
    const place = path.join(this.#options.path, folder);
    // Asked before: a watch on what comes in between is one too many, and not one that hears nothing.
    const facts = await stat(place, { bigint: true }).catch(() => undefined);
    const identity = facts && identityOf(facts);
    if (this.#disposed || this.#watchers.get(folder)?.identity === identity) return;
    this.#close(folder);
    if (identity === undefined) return;
    try {
      const watcher = watch(place, { persistent: false }, (_, name) => this.#heard(folder, name ?? ''));
      this.#watchers.set(folder, { watcher, identity });
      // Its folder went away: the one above has been told too.
      watcher.on('error', () => {
        if (this.#watchers.get(folder)?.watcher === watcher) this.#close(folder);
      });
    } catch (thrown) {
      const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
      if (code === 'ENOENT' || code === 'ENOTDIR') return;
      this.#options.onTrouble(
        code === 'ENOSPC'
          ? 'The system has no more file watches to give (fs.inotify.max_user_watches).'
          : `${place} cannot be watched.`,
      );
    }
  }

  #close(folder: string): void {
    this.#watchers.get(folder)?.watcher.close();
    this.#watchers.delete(folder);
  }
}

/** The path and the folders above it, as far as they lie in `top`. */
function below(top: string | undefined, file: string): string[] {
  const above = path.dirname(file);
  const isWithin = top !== undefined && above.startsWith(`${top}${path.sep}`);
  return isWithin ? [file, ...below(top, above)] : [file];
}

interface Found {
  readonly entry: TreeEntry;
  readonly identity: string;
}

async function readEntry(file: string): Promise<Found | undefined> {
  const facts = await lstat(file, { bigint: true }).catch(() => undefined);
  const entry = facts && entryOf(facts);
  return entry && { entry, identity: identityOf(facts) };
}

/** A folder is the same as long as it is one with the same mode; its content is compared by itself. */
function entryOf(facts: BigIntStats): TreeEntry | undefined {
  if (facts.isDirectory()) return { kind: 'folder', facts: `d${facts.mode}` };
  if (facts.isSymbolicLink()) return { kind: 'link', facts: said(facts) };
  return facts.isFile() ? { kind: 'file', facts: said(facts) } : undefined;
}

function said({ ino, size, mtimeNs, mode }: BigIntStats): string {
  return `${ino}.${size}.${mtimeNs}.${mode}`;
}

/** The number alone is given to the next one, often at once. */
function identityOf({ dev, ino, birthtimeNs }: BigIntStats): string {
  return `${dev}.${ino}.${birthtimeNs}`;
}
