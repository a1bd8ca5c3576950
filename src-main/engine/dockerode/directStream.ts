import { connect, type Socket } from 'node:net';
import { type Deferred, deferred } from '#base/deferred.ts';
import { AnswerParser, type BodySink } from './answerParser.ts';
import type { PausableSource } from './byteSource.ts';
import type { ReadPacer } from './readPacer.ts';

export interface DirectRequest {
  readonly socketPath: string;
  /** With its version and query. */
  readonly path: string;
  readonly signal?: AbortSignal | undefined;
  /** Where what comes may be a flood. */
  readonly pacer?: ReadPacer | undefined;
  /** Turns what Node throws into our failures; sees an abort as `cancelled`. */
  readonly failure: (thrown: unknown) => unknown;
}

/** As much as a local socket holds of short lines; where it was full, it is read again at once. */
const READ_BYTES = 16 * 1024;
/** One batch at most. */
const SLAB_BYTES = 16 * 1024;
/** Read ahead of who asks: beyond it the socket is left alone, and so the engine waits. */
const AHEAD_BYTES = 64 * 1024;

type Step = IteratorResult<Uint8Array, void>;

/**
 * The answer to a GET over a local socket, for answers that may be a flood, or that come in small chunks for hours. The socket is
 * read into one buffer, over and over; the body is handed on in batches: what a turn of the event loop brought. node:http makes several
 * objects and calls of every chunk, and an engine sends one for each line or sample. For one reader. Decision: docs/decisions/060-a-flood-is-read-from-the-socket.md
 */
export class DirectStream implements PausableSource, BodySink {
  /** Resolves with the answer's status; rejects when there is none. */
  readonly status: Promise<number>;
  /** Called once, however it ends. */
  onEnd: (() => void) | undefined;
  readonly #request: DirectRequest;
  readonly #socket: Socket;
  readonly #parser = new AnswerParser(this);
  readonly #answered = deferred<number>();
  readonly #batches: Uint8Array[] = [];
  #aheadBytes = 0;
  #slab = Buffer.alloc(0);
  /** The slab's bytes from `cut` to `filled` wait to be handed on. */
  #cut = 0;
  #filled = 0;
  #isGathering = false;
  /** Too much has been read ahead. */
  #isPaused = false;
  /** Its reader leaves it alone. */
  #isHeld = false;
  /** The last read filled its buffer: more of it waits in the system's. */
  #isMoreToRead = false;
  #asked: Deferred<Step> | undefined;
  #end: { readonly failure?: unknown } | undefined;

  constructor(request: DirectRequest) {
    this.#request = request;
    this.status = this.#answered.promise;
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    const callback = (count: number) => this.#onBytes(buffer, count);
    this.#socket = connect({ path: request.socketPath, onread: { buffer, callback } });
    this.#socket.once('error', (thrown) => this.#fail(thrown));
    this.#socket.once('close', () => {
      if (this.#parser.isWhole) this.#finish({});
      else this.#fail(new Error('The answer was cut.'));
    });
    this.#socket.write(`GET ${request.path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    request.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  readonly close = (): void => {
    this.#discard();
    this.#finish({});
  };

  pause(): void {
    this.#isHeld = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isHeld = false;
    if (!this.#isPaused) this.#socket.resume();
  }

  get hasMore(): boolean {
    return this.#isMoreToRead || this.#batches.length > 0 || this.#filled > this.#cut;
  }

  body(bytes: Buffer, start: number, end: number): void {
    for (let at = start; at < end; ) {
      if (this.#filled === this.#slab.length) this.#nextSlab();
      const stop = Math.min(end, at + this.#slab.length - this.#filled);
      bytes.copy(this.#slab, this.#filled, at, stop);
      this.#filled += stop - at;
      at = stop;
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, void> {
    return {
      next: () => this.#next(),
      return: async () => {
        this.close();
        return { done: true, value: undefined };
      },
    };
  }

  readonly #onAbort = (): void => {
    this.#discard();
    this.#fail(undefined);
  };

  /** Of what Node calls for every read: true to go on reading. */
  #onBytes(buffer: Buffer, count: number): boolean {
    try {
      this.#parser.push(buffer, count);
    } catch (thrown) {
      this.#fail(thrown);
      return false;
    }
    if (this.#parser.status > 0) this.#answered.resolve(this.#parser.status);
    if (this.#parser.isOver) this.#finish({});
    if (this.#asked !== undefined) this.#gather();
    this.#request.pacer?.note(count, this.#parser.takeChunks());
    this.#isMoreToRead = count === buffer.length;
    this.#isPaused = this.#aheadBytes + this.#filled - this.#cut >= AHEAD_BYTES;
    return !this.#isPaused && !this.#isHeld;
  }

  async #next(): Promise<Step> {
    const batch = this.#take();
    if (batch !== undefined) return { done: false, value: batch };
    if (this.#end !== undefined) return this.#lastStep(this.#end);
    this.#asked = deferred();
    this.#gather();
    return this.#asked.promise;
  }

  /** A whole batch; what there is of one once the answer is over. */
  #take(): Uint8Array | undefined {
    if (this.#batches.length === 0 && this.#end !== undefined) this.#cutBatch();
    const batch = this.#batches.shift();
    if (batch === undefined) return undefined;
    this.#aheadBytes -= batch.length;
    if (this.#isPaused && this.#aheadBytes < AHEAD_BYTES / 2) {
      this.#isPaused = false;
      if (!this.#isHeld) this.#socket.resume();
    }
    return batch;
  }

  /** Somebody waits: gives them a whole batch, or what there is at the end of this turn of the event loop. */
  #gather(): void {
    if (this.#batches.length > 0) this.#deliver();
    else if (!this.#isGathering && this.#filled > this.#cut) {
      this.#isGathering = true;
      setImmediate(this.#afterTurn);
    }
  }

  readonly #afterTurn = (): void => {
    this.#isGathering = false;
    if (this.#asked === undefined) return;
    this.#cutBatch();
    this.#deliver();
  };

  #deliver(): void {
    const batch = this.#take();
    if (batch !== undefined) this.#asked?.resolve({ done: false, value: batch });
    else if (this.#end !== undefined) this.#asked?.resolve(this.#lastStep(this.#end));
    this.#asked = undefined;
  }

  #lastStep(end: { readonly failure?: unknown }): Promise<Step> {
    return 'failure' in end ? Promise.reject(end.failure) : Promise.resolve({ done: true, value: undefined });
  }

  #nextSlab(): void {
    this.#cutBatch();
    this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    this.#cut = 0;
    this.#filled = 0;
  }

  #cutBatch(): void {
    if (this.#filled === this.#cut) return;
    this.#batches.push(this.#slab.subarray(this.#cut, this.#filled));
    this.#aheadBytes += this.#filled - this.#cut;
    this.#cut = this.#filled;
  }

  #discard(): void {
    this.#batches.length = 0;
    this.#aheadBytes = 0;
    this.#cut = this.#filled;
  }

  #fail(thrown: unknown): void {
    this.#finish({ failure: this.#request.failure(thrown) });
  }

  #finish(end: { readonly failure?: unknown }): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#request.signal?.removeEventListener('abort', this.#onAbort);
    this.#socket.destroy();
    if (this.#parser.status === 0) this.#answered.reject(end.failure ?? this.#request.failure(undefined));
    if (this.#asked !== undefined) this.#deliver();
    this.onEnd?.();
  }
}
