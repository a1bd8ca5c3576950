import type { CarryContext } from '../profile.ts';

/** Bytes and rows that have arrived, over all databases and streams. */
export class MoveProgress {
  readonly #context: CarryContext;
  readonly #total: number;
  #text = '';
  #bytes = 0;
  #rows = 0;

  constructor(context: CarryContext, total: number) {
    this.#context = context;
    this.#total = total;
  }

  say(text: string): void {
    this.#text = text;
    this.#tell(0, 0);
  }

  /** Finished: `bytes` as the source stores them. */
  add(done: { readonly bytes: number; readonly rows: number }): void {
    this.#bytes += done.bytes;
    this.#rows += done.rows;
    this.#tell(0, 0);
  }

  /** On their way, as the target counts them. */
  underway(now: { readonly bytes: number; readonly rows: number }): void {
    this.#tell(now.bytes, now.rows);
  }

  #tell(bytes: number, rows: number): void {
    this.#context.onProgress({
      text: this.#text,
      bytes: Math.min(this.#total, this.#bytes + bytes),
      total: this.#total,
      rows: this.#rows + rows,
    });
  }
}
