import type { LogLine } from '#contract/logBatch.ts';
import { KeptLines } from './keptLines.ts';
import { LINES_KEPT } from './logSheet.ts';

const HELD_BYTES = 8 * 1024 * 1024;

/** What came while a pane did not follow: the newest of it, without a gap, and how many lines there were. */
export class HeldLines {
  readonly #kept = new KeptLines({ lines: LINES_KEPT, bytes: HELD_BYTES });
  /** Came before the kept ones. */
  #missing = 0;

  /** Everything that came. */
  get count(): number {
    return this.#missing + this.#kept.dropped + this.#kept.size;
  }

  push(lines: readonly LogLine[]): void {
    this.#kept.push(lines);
  }

  /** So many lines went by: what was held before them is no end of the log any more. */
  passOver(lines: number): void {
    this.#missing += this.#kept.dropped + this.#kept.size + lines;
    this.#kept.take();
  }

  /** Hands over everything and is empty. */
  take(): { readonly missing: number; readonly lines: readonly LogLine[] } {
    const missing = this.#missing + this.#kept.dropped;
    this.#missing = 0;
    return { missing, lines: this.#kept.take() };
  }
}
