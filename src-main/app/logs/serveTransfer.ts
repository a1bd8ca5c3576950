import type { ByteChannel } from '#base/byteChannel.ts';
import { toAppError } from '#contract/errors.ts';
import { type DownControl, UPLOAD_AHEAD_BYTES, upControl } from '#contract/streams.ts';
import { Credit } from '#streams/credit.ts';
import type { Transfer } from './tickets.ts';

/** Sends a prepared download to its end; its reader's pace is its own. */
export async function serveDownload(
  transfer: Extract<Transfer, { readonly type: 'download' }>,
  channel: ByteChannel,
): Promise<void> {
  const credit = new Credit();
  const abort = new AbortController();
  const stop = () => {
    abort.abort();
    credit.close();
  };
  channel.onClose(stop);
  channel.onControl((message) => {
    const parsed = upControl.safeParse(message);
    if (parsed.data?.type === 'ack') credit.acknowledge(parsed.data.bytes);
    if (parsed.data?.type === 'end') stop();
  });
  await ending(channel, async () => {
    for await (const bytes of transfer.open(abort.signal)) {
      await credit.ready();
      if (abort.signal.aborted) return;
      credit.sent(bytes.length);
      // The source may use its memory again; the channel keeps what it is given.
      channel.send(bytes.slice());
    }
  });
}

/** Takes a prepared upload. A reader that is further ahead than it may be is cut off: its bytes must not fill the memory. */
export async function serveUpload(
  transfer: Extract<Transfer, { readonly type: 'upload' }>,
  channel: ByteChannel,
): Promise<void> {
  const abort = new AbortController();
  const inbox = new Inbox((bytes) => channel.control({ type: 'taken', bytes } satisfies DownControl));
  channel.onClose(() => {
    inbox.fail();
    abort.abort();
  });
  channel.onControl((message) => {
    if (upControl.safeParse(message).data?.type === 'end') inbox.end();
  });
  channel.onData((bytes) => {
    if (!inbox.push(bytes)) channel.close();
  });
  await ending(channel, () => transfer.take(inbox, abort.signal));
}

/** Whatever comes of the work is the channel's last word. */
async function ending(channel: ByteChannel, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    channel.control({ type: 'end' } satisfies DownControl);
  } catch (thrown) {
    channel.control({ type: 'end', error: toAppError(thrown) } satisfies DownControl);
  } finally {
    channel.close();
  }
}

/** Twice what a reader may be ahead: messages that are on their way when it hears. */
const INBOX_BYTES = 2 * UPLOAD_AHEAD_BYTES;

/** Bytes that have come and not been asked for yet. */
class Inbox implements AsyncIterable<Uint8Array> {
  readonly #onTaken: (bytes: number) => void;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #state: 'open' | 'ended' | 'failed' = 'open';
  #wake: (() => void) | undefined;

  constructor(onTaken: (bytes: number) => void) {
    this.#onTaken = onTaken;
  }

  /** False when there is too much of it. */
  push(bytes: Uint8Array): boolean {
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    this.#wake?.();
    return this.#bytes <= INBOX_BYTES;
  }

  end(): void {
    if (this.#state === 'open') this.#state = 'ended';
    this.#wake?.();
  }

  /** The reader has gone before its end: what came is not the whole. */
  fail(): void {
    if (this.#state === 'open') this.#state = 'failed';
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#bytes -= chunk.length;
        yield chunk;
        this.#onTaken(chunk.length);
      } else if (this.#state === 'failed') throw new Error('the upload was broken off');
      else if (this.#state === 'ended') return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
