import type { Readable } from 'node:stream';
import type { ByteSource } from '../streams.ts';

/** A ByteSource whose connection can be left alone for a while: what comes meanwhile waits in the system's buffers. */
export interface PausableSource extends ByteSource {
  pause(): void;
  resume(): void;
  /** Whether what came with the last chunk has not all been handed on. */
  readonly hasMore: boolean;
}

export interface ByteSourceOptions {
  readonly signal?: AbortSignal | undefined;
  /** Turns what Node throws into our failures; sees an abort as `cancelled`. */
  readonly failure: (thrown: unknown) => unknown;
  /** Called once, however it ends. */
  readonly onEnd?: () => void;
}

/**
 * A Node stream as a ByteSource: reads only when pulled, ends quietly after `close()`, rejects with `cancelled` after an
 * abort (a stream that was cut must not look whole) and always destroys its socket. For one reader.
 */
export function byteSource(stream: Readable, options: ByteSourceOptions): PausableSource {
  let open = true;
  const finish = () => {
    if (!open) return;
    open = false;
    options.signal?.removeEventListener('abort', close);
    stream.destroy();
    options.onEnd?.();
  };
  const close = () => finish();
  // Without a listener, an error between two reads would end the process; iterating reports it.
  stream.on('error', () => undefined);
  stream.once('close', finish);
  if (options.signal?.aborted) close();
  options.signal?.addEventListener('abort', close, { once: true });

  async function* chunks(): AsyncGenerator<Uint8Array, void, void> {
    try {
      if (!stream.destroyed || stream.readableLength > 0)
        for await (const chunk of stream) yield chunk as Uint8Array;
    } catch (thrown) {
      if (open || stream.errored || options.signal?.aborted) throw options.failure(thrown);
    } finally {
      finish();
    }
    if (options.signal?.aborted) throw options.failure(undefined);
  }
  const iterator = chunks();
  // An answer that nobody reads goes on filling its own buffer: only its connection stops the waking up.
  const connection = () => ('socket' in stream ? (stream.socket as Readable | null) : stream);
  return {
    [Symbol.asyncIterator]: () => iterator,
    close,
    pause: () => void connection()?.pause(),
    resume: () => void connection()?.resume(),
    get hasMore() {
      return stream.readableLength > 0;
    },
  };
}
