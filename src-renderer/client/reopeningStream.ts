import type { ByteChannel } from '#base/byteChannel.ts';
import type { Clock } from '#base/clock.ts';
import type { Disposable } from '#base/disposables.ts';
import { Emitter } from '#base/emitter.ts';
import { pipeChannel } from '#base/pipeChannel.ts';
import { type AppError, isKind, toAppError } from '#contract/errors.ts';
import type { DownControl, StreamRequestInput, UpControl } from '#contract/streams.ts';
import { BackOff } from './backOff.ts';
import type { ByteStream, Connection } from './connection.ts';
import { sayHello } from './handshake.ts';
import { untilConnected } from './stateWatch.ts';
import type { Transport } from './transport.ts';

/** Acknowledgements are gathered up to this much: an eighth of what the core waits for, so it never waits for us. */
const ACK_EVERY_BYTES = 4 * 1024;

/** A paste goes up in pieces: far below what a transport takes as one message. */
const WRITE_PIECE_BYTES = 64 * 1024;

interface StreamOptions {
  readonly connection: Connection;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly request: () => StreamRequestInput;
}

/** One byte stream over as many pipes as it takes; ends by the core's word or by `close` only. */
export class ReopeningStream implements ByteStream {
  readonly #options: StreamOptions;
  readonly #backOff: BackOff;
  readonly #data = new Emitter<Uint8Array>();
  readonly #controls = new Emitter<DownControl>();
  readonly #opens = new Emitter<'first' | 'again'>();
  readonly #ends = new Emitter<AppError | undefined>();
  #channel: ByteChannel | undefined;
  #openings = 0;
  #owed = 0;
  #over = false;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#backOff = new BackOff(options.clock);
    void this.#run();
  }

  onData(listener: (bytes: Uint8Array) => void): Disposable {
    return this.#data.on(listener);
  }

  onControl(listener: (message: DownControl) => void): Disposable {
    return this.#controls.on(listener);
  }

  onOpen(listener: (opening: 'first' | 'again') => void): Disposable {
    return this.#opens.on(listener);
  }

  onEnd(listener: (error: AppError | undefined) => void): Disposable {
    return this.#ends.on(listener);
  }

  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += WRITE_PIECE_BYTES) {
      this.#channel?.send(bytes.subarray(at, at + WRITE_PIECE_BYTES));
    }
  }

  control(message: UpControl): void {
    this.#channel?.control(message);
  }

  ack(bytes: number): void {
    this.#owed += bytes;
    if (this.#owed < ACK_EVERY_BYTES) return;
    this.control({ type: 'ack', bytes: this.#owed });
    this.#owed = 0;
  }

  close(): void {
    this.#over = true;
    this.#channel?.close();
    this.#backOff.wake();
  }

  async #run(): Promise<void> {
    const { connection } = this.#options;
    const closing = connection.onStatus((status) => {
      if (status.type === 'closed') this.close();
    });
    while (!this.#over) {
      await untilConnected(connection);
      if (connection.status.type === 'closed') this.close();
      if (!this.#over) await this.#openOnce();
      if (!this.#over) await this.#backOff.pause(this.#backOff.next());
    }
    void closing.dispose();
  }

  /** One pipe, from hello to its close. */
  async #openOnce(): Promise<void> {
    const pipe = this.#options.transport.open();
    try {
      await sayHello(pipe, { type: 'stream', request: this.#options.request() });
    } catch (thrown) {
      pipe.close();
      if (!isKind(thrown, 'protocol.closed')) this.#end(toAppError(thrown));
      return;
    }
    if (this.#over) return pipe.close();
    await this.#read(pipeChannel(pipe));
  }

  async #read(channel: ByteChannel): Promise<void> {
    this.#channel = channel;
    this.#owed = 0;
    this.#backOff.reset();
    this.#opens.emit(this.#openings === 0 ? 'first' : 'again');
    this.#openings += 1;
    channel.onData((bytes) => this.#data.emit(bytes));
    channel.onControl((message) => this.#take(message as DownControl));
    await new Promise<void>((resolve) => channel.onClose(resolve));
    this.#channel = undefined;
  }

  #take(message: DownControl): void {
    if (message.type === 'end') this.#end(message.error as AppError | undefined);
    else this.#controls.emit(message);
  }

  #end(error: AppError | undefined): void {
    if (this.#over) return;
    this.close();
    this.#ends.emit(error);
  }
}
