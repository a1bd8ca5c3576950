export interface Disposable {
  dispose(): void | Promise<void>;
}

/** Collects what was opened and closes it again, last first. Closing twice does nothing. */
export class Disposables implements Disposable {
  #items: Disposable[] = [];
  #disposed = false;

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Registers on the line that opens. What is added after the end is closed at once. */
  add<T extends Disposable>(item: T): T {
    if (this.#disposed) void item.dispose();
    else this.#items.push(item);
    return item;
  }

  defer(dispose: () => void | Promise<void>): void {
    this.add({ dispose });
  }

  /** Closes everything, even when one of them throws; the first failure is thrown at the end. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    const failures: unknown[] = [];
    for (const item of this.#items.splice(0).reverse()) {
      try {
        await item.dispose();
      } catch (thrown) {
        failures.push(thrown);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
