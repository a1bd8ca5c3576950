import type { Disposable } from './disposables.ts';
import { Emitter } from './emitter.ts';

/**
 * Whole messages in order, both ways: a WebSocket, a MessagePort or a pair in memory. Everything that a reader and the
 * core say to each other goes over one of these. Text and bytes stay apart.
 */
export interface MessagePipe {
  /** Does nothing once closed. */
  send(message: PipeMessage): void;
  /** What arrives before the first listener is kept and handed over when it comes. */
  onMessage(listener: (message: PipeMessage) => void): Disposable;
  /** Once, when either end has closed or the connection is lost; at once when it already has. */
  onClose(listener: () => void): Disposable;
  close(): void;
}

export type PipeMessage = string | Uint8Array;

/** What a transport does for its pipe. */
export interface Wire {
  post(message: PipeMessage): void;
  /** Ends the transport; called once. */
  shut(): void;
}

/** Nobody has listened yet and this many messages have come: the other end is broken or hostile. */
const KEPT_MESSAGES_LIMIT = 1_000;

/** The part of a pipe that every transport needs: keeping early messages, closing once. */
export class Pipe implements MessagePipe {
  readonly #wire: Wire;
  readonly #messages = new Emitter<PipeMessage>();
  readonly #closes = new Emitter<void>();
  #kept: PipeMessage[] = [];
  #ending = false;
  #closed = false;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  send(message: PipeMessage): void {
    if (!this.#closed) this.#wire.post(message);
  }

  onMessage(listener: (message: PipeMessage) => void): Disposable {
    const registered = this.#messages.on(listener);
    // Not at once: a listener for the first message only must be able to leave before the second.
    queueMicrotask(() => this.#handOver());
    return registered;
  }

  onClose(listener: () => void): Disposable {
    if (!this.#closed) return this.#closes.on(listener);
    listener();
    return { dispose() {} };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#wire.shut();
    this.#closes.emit();
  }

  /** The transport calls this with what came in. */
  receive(message: PipeMessage): void {
    if (this.#closed) return;
    if (this.#messages.size > 0 && this.#kept.length === 0) this.#messages.emit(message);
    else if (this.#kept.push(message) > KEPT_MESSAGES_LIMIT) this.close();
  }

  /** The transport calls this when the other end has gone. What came before is still read first. */
  end(): void {
    this.#ending = true;
    if (this.#kept.length === 0) this.close();
  }

  #handOver(): void {
    while (!this.#closed && this.#messages.size > 0) {
      const message = this.#kept.shift();
      if (message === undefined) break;
      this.#messages.emit(message);
    }
    if (this.#ending && this.#kept.length === 0) this.close();
  }
}

/** Two ends in one process, for tests and for a host that needs no transport. Delivery is never synchronous. */
export function memoryPipes(): readonly [MessagePipe, MessagePipe] {
  const left: Pipe = new Pipe({
    post: (message) => queueMicrotask(() => right.receive(message)),
    shut: () => queueMicrotask(() => right.end()),
  });
  const right: Pipe = new Pipe({
    post: (message) => queueMicrotask(() => left.receive(message)),
    shut: () => queueMicrotask(() => left.end()),
  });
  return [left, right];
}

/**
 * The message without what lies around it: a port clones the whole buffer behind a view, and a view of Node's shares its
 * buffer with strangers.
 */
export function alone(message: PipeMessage): PipeMessage {
  if (typeof message === 'string' || message.byteLength === message.buffer.byteLength) return message;
  return new Uint8Array(message);
}
