import type { CarryContext } from '../profile.ts';
import { PsqlSession } from './session.ts';
import { endLane, type Lane } from './tables.ts';

/** Work that goes through a few lanes, first come first served. A lane's sessions are opened when it is first needed. */
export class Lanes {
  readonly #context: CarryContext;
  readonly #free: number[];
  readonly #open = new Map<number, Promise<Lane>>();
  readonly #waiting: ((lane: number) => void)[] = [];
  #failure: { readonly thrown: unknown } | undefined;

  constructor(context: CarryContext, count: number) {
    this.#context = context;
    this.#free = Array.from({ length: count }, (_, number) => number);
  }

  /** Runs when a lane is free; not at all once something has failed. */
  async next(work: (lane: Lane) => Promise<void>): Promise<void> {
    const number =
      this.#free.shift() ?? (await new Promise<number>((resolve) => this.#waiting.push(resolve)));
    try {
      if (this.#failure) throw this.#failure.thrown;
      await work(await this.#lane(number));
    } catch (thrown) {
      this.#failure ??= { thrown };
      throw thrown;
    } finally {
      const next = this.#waiting.shift();
      if (next) next(number);
      else this.#free.push(number);
    }
  }

  /** Waits for all. The first failure ends the others' sessions and is thrown when everything has come to rest. */
  async all(works: readonly Promise<void>[]): Promise<void> {
    const watched = works.map((work) =>
      work.catch((thrown: unknown) => {
        this.#failure ??= { thrown };
        this.end();
      }),
    );
    await Promise.all(watched);
    if (this.#failure) throw this.#failure.thrown;
  }

  end(): void {
    for (const lane of this.#open.values()) lane.then(endLane, () => undefined);
  }

  #lane(number: number): Promise<Lane> {
    const known = this.#open.get(number);
    if (known) return known;
    const opened = this.#openLane(number);
    this.#open.set(number, opened);
    return opened;
  }

  async #openLane(number: number): Promise<Lane> {
    const { source, target, signal } = this.#context;
    const [from, to] = await Promise.all([
      PsqlSession.open(source, 'postgres', signal),
      PsqlSession.open(target, 'postgres', signal),
    ]);
    return { number, source: from, target: to };
  }
}
