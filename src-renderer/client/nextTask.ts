import type { Disposable } from '#base/disposables.ts';

/**
 * Calls in a task of its own: the page may draw and take keys before it. Asked for several times before that, it calls once. By a
 * message, since a timer of a hidden window waits for a second.
 */
export class NextTask implements Disposable {
  readonly #channel = new MessageChannel();
  #asked = false;
  #disposed = false;

  constructor(work: () => void) {
    const { port1 } = this.#channel;
    port1.addEventListener('message', () => {
      this.#asked = false;
      if (!this.#disposed) work();
    });
    port1.start();
  }

  ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    this.#channel.port2.postMessage(undefined);
  }

  /** What was asked for and has not begun is left out. */
  dispose(): void {
    this.#disposed = true;
    this.#channel.port1.close();
  }
}
