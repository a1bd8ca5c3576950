import type { ByteChannel } from './byteChannel.ts';
import type { Disposable } from './disposables.ts';
import { Emitter } from './emitter.ts';
import type { MessagePipe, PipeMessage } from './messagePipe.ts';

/** A byte stream over a pipe: bytes are data, text is control as JSON. Text that is no JSON ends the channel. */
export function pipeChannel(pipe: MessagePipe): ByteChannel {
  const data = new KeptEmitter<Uint8Array>();
  const control = new KeptEmitter<unknown>();
  pipe.onMessage((message) => deliver(message));

  function deliver(message: PipeMessage): void {
    const parsed = typeof message === 'string' ? parse(message) : message;
    if (parsed instanceof Uint8Array) data.emit(parsed);
    else if (parsed === undefined) pipe.close();
    else control.emit(parsed);
  }

  return {
    send: (bytes) => pipe.send(bytes),
    control: (message) => pipe.send(JSON.stringify(message)),
    onData: (listener) => data.on(listener),
    onControl: (listener) => control.on(listener),
    onClose: (listener) => pipe.onClose(listener),
    close: () => pipe.close(),
  };
}

/** The other end's JSON, or undefined where it is none. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON: the caller ends the channel
  }
}

/** Keeps what comes before the first listener. The sender's credit bounds how much that can be. */
class KeptEmitter<T> {
  readonly #emitter = new Emitter<T>();
  #kept: T[] = [];

  on(listener: (value: T) => void): Disposable {
    const registered = this.#emitter.on(listener);
    for (const value of this.#kept.splice(0)) this.emit(value);
    return registered;
  }

  emit(value: T): void {
    if (this.#emitter.size === 0) this.#kept.push(value);
    else this.#emitter.emit(value);
  }
}
