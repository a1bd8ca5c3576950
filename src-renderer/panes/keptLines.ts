import type { LogLine } from '#contract/logBatch.ts';

interface Bounds {
  readonly lines: number;
  readonly bytes: number;
}

/** The newest lines up to a number and a size. What was pushed out is counted. */
export class KeptLines {
  readonly #bounds: Bounds;
  #lines: LogLine[] = [];
  #start = 0;
  #bytes = 0;
  #dropped = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#lines.length - this.#start;
  }

  /** How many were pushed out since the last `take`. */
  get dropped(): number {
    return this.#dropped;
  }

  push(lines: readonly LogLine[]): void {
    for (const line of lines) {
      this.#lines.push(line);
      this.#bytes += line.text.length;
    }
    while (this.size > this.#bounds.lines || (this.#bytes > this.#bounds.bytes && this.size > 1)) {
      this.#bytes -= this.#lines[this.#start]?.text.length ?? 0;
      this.#start += 1;
      this.#dropped += 1;
    }
    if (this.#start > this.#bounds.lines) this.#compact();
  }

  all(): readonly LogLine[] {
    this.#compact();
    return this.#lines;
  }

  /** Hands over everything and is empty. */
  take(): readonly LogLine[] {
    const lines = this.all();
    this.#lines = [];
    this.#bytes = 0;
    this.#dropped = 0;
    return lines;
  }

  #compact(): void {
    if (this.#start === 0) return;
    this.#lines = this.#lines.slice(this.#start);
    this.#start = 0;
  }
}
