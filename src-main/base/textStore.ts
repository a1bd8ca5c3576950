import type { Disposable } from './disposables.ts';

/**
 * Texts by name, somewhere that lasts, and where other processes write, too. A text is always whole: the old one or the new one,
 * never a half.
 */
export interface TextStore {
  /** Undefined where there is none. */
  read(name: string): Promise<string | undefined>;
  /** Writes what is made of the text as it is, with nobody writing in between. */
  update(name: string, change: (text: string | undefined) => string): Promise<void>;
  /** Tells when the text may have been written, by whomever. */
  watch(name: string, listener: () => void): Disposable;
}
