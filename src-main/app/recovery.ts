import { removeLeftovers } from '#disk/leftovers.ts';
import type { Data } from './data/data.ts';
import type { Production } from './production/production.ts';
import type { Runs } from './runs.ts';
import type { Matrix } from './versions/matrix/matrix.ts';
import type { Versions } from './versions/versions.ts';

export interface RecoveryContext {
  readonly runs: Runs;
  readonly parts: () => {
    readonly versions: Versions;
    readonly matrix: Matrix;
    readonly data: Data;
    readonly production: Production;
  };
  /** The folder of the project's own files, once they could be read. */
  readonly ownFolder: () => string | undefined;
  /** The files are read and the engine's containers known. */
  readonly ready: () => boolean;
  readonly failed: (thrown: unknown) => void;
}

/** Work that was cut off, by an earlier end of Slipway or of the engine, is finished or rolled back before anything else. */
export class Recovery {
  readonly #context: RecoveryContext;
  #begun = false;
  #work: Promise<void> = Promise.resolve();

  constructor(context: RecoveryContext) {
    this.#context = context;
  }

  /** The engine went away: what its end has cut off is recovered as soon as it is there again. */
  again(): void {
    this.#begun = false;
  }

  /** Begins, once, as soon as it can. */
  begin(): void {
    const { runs, ready, failed } = this.#context;
    if (this.#begun || runs.current?.active || !ready()) return;
    this.#begun = true;
    this.#work = this.#all().catch(failed);
  }

  /** Resolves when nothing is left to recover. */
  done(): Promise<void> {
    this.begin();
    return this.#work;
  }

  async #all(): Promise<void> {
    const { versions, matrix, data, production } = this.#context.parts();
    const folder = this.#context.ownFolder();
    if (folder !== undefined) await removeLeftovers(folder);
    await versions.beginRecovery();
    await this.#idle();
    await data.beginRecovery();
    await this.#idle();
    await production.swaps.recover();
    await matrix.recover();
  }

  async #idle(): Promise<void> {
    const { current } = this.#context.runs;
    if (current?.active) await this.#context.runs.wait(current.record.id);
  }
}
