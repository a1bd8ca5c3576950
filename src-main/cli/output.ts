import { describeError } from '#contract/describe.ts';
import type { AppError } from '#contract/errors.ts';

/** Where a command writes: results to standard output, everything else to standard error. */
export class Output {
  readonly json: boolean;
  readonly #out: NodeJS.WriteStream;
  readonly #err: NodeJS.WriteStream;

  constructor(options: {
    readonly json: boolean;
    readonly out: NodeJS.WriteStream;
    readonly err: NodeJS.WriteStream;
  }) {
    this.json = options.json;
    this.#out = options.out;
    this.#err = options.err;
  }

  /** May progress be drawn over itself? */
  get interactive(): boolean {
    return Boolean(this.#err.isTTY) && !this.json;
  }

  get columns(): number {
    return this.#err.columns ?? 80;
  }

  /** A line of the result, for people. Says nothing with `--json`. */
  line(text: string): void {
    if (!this.json) this.#out.write(`${text}\n`);
  }

  /** The result, with `--json`; one call a document. */
  document(value: unknown): void {
    if (this.json) this.#out.write(`${JSON.stringify(value)}\n`);
  }

  /** A result that is the same with and without `--json`. */
  raw(text: string | Uint8Array): void {
    this.#out.write(text);
  }

  /** Something beside the result. */
  note(text: string): void {
    this.#err.write(`${text}\n`);
  }

  /** Drawing on standard error. */
  draw(text: string): void {
    this.#err.write(text);
  }

  /** The failure, in words; with `--json` the document is the failure. */
  failure(error: AppError): void {
    if (this.json) this.#out.write(`${JSON.stringify({ error })}\n`);
    else this.#err.write(`slipway: ${describeError(error)}\n`);
  }
}
