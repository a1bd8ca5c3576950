import type { Disposable } from '#base/disposables.ts';
import type { ByteStream } from '#client/connection.ts';

/**
 * Keeps a stream paused at each of its openings while nobody looks. A stream flows from its opening on, and what is said to it
 * before, or while the connection is lost, is lost too.
 */
export function pauseWhile(stream: ByteStream, isHidden: () => boolean): Disposable {
  return stream.onOpen(() => {
    if (isHidden()) stream.control({ type: 'pause' });
  });
}
