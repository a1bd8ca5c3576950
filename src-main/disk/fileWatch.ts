import { type FSWatcher, watch } from 'node:fs';
import path from 'node:path';
import type { Disposable } from '#base/disposables.ts';

/** Editors write in several steps (truncate, write, rename); one reload for all of them. */
const SETTLE_MS = 80;

/**
 * Tells when one of a set of files may have changed, by the system's own notifications. Folders are watched, not files:
 * most editors replace the file, and one may appear that was not there.
 */
export class FileWatch implements Disposable {
  readonly #onChange: () => void;
  #watchers = new Map<string, FSWatcher>();
  #names = new Map<string, Set<string>>();
  #timer: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** The files to watch from now on, absolute; neither they nor their folders need exist. */
  set(files: readonly string[]): void {
    if (this.#disposed) return;
    const names = new Map<string, Set<string>>();
    for (const file of files) {
      const folder = path.dirname(file);
      names.set(folder, (names.get(folder) ?? new Set()).add(path.basename(file)));
    }
    this.#names = names;
    this.#reopen();
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    for (const [folder, watcher] of this.#watchers) this.#drop(folder, watcher);
  }

  #reopen(): void {
    const wanted = new Set([...this.#names.keys()].map((folder) => this.#open(folder)));
    for (const [folder, watcher] of this.#watchers) if (!wanted.has(folder)) this.#drop(folder, watcher);
  }

  /** Which folder is watched for it: itself or, while it is not there, the next above. */
  #open(folder: string): string {
    const above = path.dirname(folder);
    if (this.#watches(folder) || above === folder) return folder;
    const watched = this.#open(above);
    // It may have come before the one above was watched.
    return this.#watches(folder) ? folder : watched;
  }

  /** False where there is no such folder, or no more watches are to be had: the reload button and the next boot read the files anyway. */
  #watches(folder: string): boolean {
    if (this.#watchers.has(folder)) return true;
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => this.#heard(folder, name));
      this.#watchers.set(folder, watcher);
      // The folder went away: the project is reloaded and says so.
      watcher.on('error', () => {
        this.#drop(folder, watcher);
        this.#schedule();
      });
      return true;
    } catch {
      return false;
    }
  }

  #drop(folder: string, watcher: FSWatcher | undefined): void {
    watcher?.close();
    if (this.#watchers.get(folder) === watcher) this.#watchers.delete(folder);
  }

  /** Some systems do not say which file it was. */
  #heard(folder: string, name: string | null): void {
    if (this.#disposed) return;
    const changed = name === null ? folder : path.join(folder, name);
    const below = [...this.#names.keys()].filter((own) => own !== folder && isWithin(own, changed));
    if (below.length > 0) {
      // A folder that has come, or another in place of one that has gone, of which its watcher hears nothing.
      for (const own of below) this.#drop(own, this.#watchers.get(own));
      this.#reopen();
    }
    if (below.length > 0 || name === null || this.#names.get(folder)?.has(name)) this.#schedule();
  }

  #schedule(): void {
    if (this.#disposed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#onChange(), SETTLE_MS);
    this.#timer.unref();
  }
}

function isWithin(folder: string, other: string): boolean {
  return folder === other || folder.startsWith(`${other}${path.sep}`);
}
