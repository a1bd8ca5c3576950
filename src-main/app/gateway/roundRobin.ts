/** Whose turn it is, by name. */
export class RoundRobin {
  readonly #turns = new Map<string, number>();

  /** All of them, the one whose turn it is first. */
  order<T>(name: string, all: readonly T[]): readonly T[] {
    const turn = (this.#turns.get(name) ?? -1) + 1;
    this.#turns.set(name, turn);
    const first = all.length === 0 ? 0 : turn % all.length;
    return [...all.slice(first), ...all.slice(0, first)];
  }
}
