import { cancelled } from '#contract/errors.ts';
import type { ByteSource } from '#engine/streams.ts';

type End = { readonly failure?: unknown };

/** A queue with one reader: what is pushed comes out in order, then its end or its failure. */
export class Channel<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  #end: End | undefined;
  #wake: () => void = () => undefined;
  readonly #onClose: () => void;

  constructor(onClose: () => void = () => undefined) {
    this.#onClose = onClose;
  }

  get ended(): boolean {
    return this.#end !== undefined;
  }

  push(item: T): void {
    if (this.ended) return;
    this.#items.push(item);
    this.#wake();
  }

  end(failure?: unknown): void {
    if (this.ended) return;
    this.#end = { failure };
    this.#onClose();
    this.#wake();
  }

  /** The reader has had enough: what waits is dropped. */
  close(): void {
    this.#items.length = 0;
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    try {
      for (;;) {
        const item = this.#items.shift();
        if (item !== undefined) yield item;
        else if (this.#end === undefined) await this.#changed();
        else break;
      }
      if (this.#end?.failure !== undefined) throw this.#end.failure;
    } finally {
      this.close();
    }
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** A channel of bytes as the engine hands them out; an abort rejects the reader with `cancelled`. */
export function byteChannel(
  signal: AbortSignal | undefined,
  onClose: () => void = () => undefined,
): { readonly channel: Channel<Uint8Array>; readonly source: ByteSource } {
  const onAbort = () => channel.end(cancelled());
  const channel = new Channel<Uint8Array>(() => {
    signal?.removeEventListener('abort', onAbort);
    onClose();
  });
  signal?.addEventListener('abort', onAbort, { once: true });
  const iterator = channel[Symbol.asyncIterator]();
  return { channel, source: { [Symbol.asyncIterator]: () => iterator, close: () => channel.close() } };
}
