import type { Disposable } from './disposables.ts';

/** One typed event. Listeners are called in the order they came; one that throws does not stop the others. */
export class Emitter<T> {
  readonly #listeners = new Set<(value: T) => void>();

  on(listener: (value: T) => void): Disposable {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  emit(value: T): void {
    const failures: unknown[] = [];
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (thrown) {
        failures.push(thrown);
      }
    }
    if (failures.length > 0) queueMicrotask(() => rethrow(failures[0]));
  }

  get size(): number {
    return this.#listeners.size;
  }
}

function rethrow(thrown: unknown): never {
  throw thrown;
}
