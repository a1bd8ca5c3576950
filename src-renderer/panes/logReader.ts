import { Disposables } from '#base/disposables.ts';
import type { ByteStream, Connection } from '#client/connection.ts';
import type { AppError } from '#contract/errors.ts';
import { decodeLogBatch, type LogLine } from '#contract/logBatch.ts';
import type { DownControl, StreamRequestInput } from '#contract/streams.ts';
import { pauseWhile } from './pauseWhile.ts';

type LogsRequest = Extract<StreamRequestInput, { readonly type: 'logs' }>;

interface LogReaderOptions {
  readonly connection: Connection;
  readonly request: () => Omit<LogsRequest, 'type' | 'after'>;
  /** `done` says that they are drawn, or kept: then more may come. */
  readonly onLines: (lines: readonly LogLine[], done: () => void) => void;
  readonly onNote: (text: string) => void;
  /** So many lines went by here. */
  readonly onPassed: (lines: number) => void;
  readonly onEnd: (error: AppError | undefined) => void;
}

/** The stream of a log pane: goes on after its last line when the connection comes back, and stops while nobody looks. */
export class LogReader {
  readonly #options: LogReaderOptions;
  #stream: ByteStream | undefined;
  #heard = new Disposables();
  #lastId: string | undefined;
  #hidden = false;

  constructor(options: LogReaderOptions) {
    this.#options = options;
  }

  /** Somebody looks: lines flow, for the first time or again. */
  show(): void {
    this.#hidden = false;
    if (this.#stream) this.#stream.control({ type: 'resume' });
    else this.#open();
  }

  hide(): void {
    this.#hidden = true;
    this.#stream?.control({ type: 'pause' });
  }

  /** Another question: its answer comes from the beginning. */
  restart(): void {
    this.#stream?.close();
    this.#stream = undefined;
    this.#lastId = undefined;
    if (!this.#hidden) this.#open();
  }

  dispose(): void {
    this.#stream?.close();
    void this.#heard.dispose();
  }

  #open(): void {
    const stream = this.#options.connection.openStream(() => ({
      type: 'logs',
      keepsUp: true,
      ...this.#options.request(),
      ...(this.#lastId === undefined ? {} : { after: this.#lastId }),
    }));
    this.#stream = stream;
    void this.#heard.dispose();
    this.#heard = new Disposables();
    this.#heard.add(pauseWhile(stream, () => this.#hidden));
    this.#heard.add(stream.onData((bytes) => this.#take(stream, bytes)));
    this.#heard.add(stream.onControl((message) => this.#onControl(message)));
    this.#heard.add(
      stream.onEnd((error) => {
        this.#stream = undefined;
        this.#options.onEnd(error);
      }),
    );
  }

  #take(stream: ByteStream, bytes: Uint8Array): void {
    const lines = decodeLogBatch(bytes);
    this.#lastId = lines.at(-1)?.id ?? this.#lastId;
    this.#options.onLines(lines, () => stream.ack(bytes.byteLength));
  }

  #onControl(message: DownControl): void {
    if (message.type === 'note') this.#options.onNote(message.text);
    if (message.type !== 'skipped') return;
    if (message.lines !== undefined) this.#options.onPassed(message.lines);
    else this.#options.onNote('older lines were dropped: the store is full');
  }
}
