import { Emitter } from '#base/emitter.ts';
import type { ByteStream } from '#client/connection.ts';
import type { AppError } from '#contract/errors.ts';
import { encodeLogBatch, type LogLevel, type LogLine, type LogLineKind } from '#contract/logBatch.ts';
import type { DownControl, StreamRequestInput, UpControl } from '#contract/streams.ts';

const encoder = new TextEncoder();

/** One stream of the fixture: logs that were always there, or a terminal that echoes. */
export class FixtureStream implements ByteStream {
  readonly #data = new Emitter<Uint8Array>();
  readonly #control = new Emitter<DownControl>();
  readonly #open = new Emitter<'first' | 'again'>();
  readonly #end = new Emitter<AppError | undefined>();
  readonly controls: UpControl[] = [];
  acknowledged = 0;

  constructor(request: StreamRequestInput, batches: (send: (bytes: Uint8Array) => void) => void) {
    setTimeout(() => {
      this.#open.emit('first');
      this.#control.emit({ type: 'opened' });
      if (request.type === 'terminal') this.#data.emit(encoder.encode('\x1b[32mroot@shop\x1b[0m:/app# '));
      else batches((bytes) => this.#data.emit(bytes));
      this.#control.emit({ type: 'live' });
    }, 0);
  }

  onData(listener: (bytes: Uint8Array) => void) {
    return this.#data.on(listener);
  }
  onControl(listener: (message: DownControl) => void) {
    return this.#control.on(listener);
  }
  onOpen(listener: (opening: 'first' | 'again') => void) {
    return this.#open.on(listener);
  }
  onEnd(listener: (error: AppError | undefined) => void) {
    return this.#end.on(listener);
  }
  write(bytes: Uint8Array): void {
    this.#data.emit(bytes);
  }
  control(message: UpControl): void {
    this.controls.push(message);
  }
  ack(bytes: number): void {
    this.acknowledged += bytes;
  }
  close(): void {}
}

interface Said {
  readonly at: string;
  readonly source: string;
  readonly text: string;
  readonly level?: LogLevel;
  readonly kind?: LogLineKind;
}

const SHOP_LOG: readonly Said[] = [
  { at: '11.482', source: 'api', text: 'POST /orders 201 \x1b[32m14 ms\x1b[0m  order=8841' },
  { at: '11.490', source: 'worker', text: 'took order 8841 from orders.new' },
  {
    at: '11.522',
    source: 'postgres',
    text: '\x1b]0;hostile title\x07LOG:  checkpoint complete: wrote 41 buffers (0.3%)',
    level: 'debug',
  },
  {
    at: '12.007',
    source: 'worker-2',
    text: 'ERROR payment provider answered 503, retry 1 of 5 in 200 ms',
    level: 'error',
  },
  { at: '12.214', source: 'worker-2', text: 'paid order 8840 after 1 retry' },
  { at: '12.215', source: 'api', text: 'GET /orders/8840 200 \x1b[32m3 ms\x1b[0m' },
  { at: '18.100', source: 'api', text: 'api replaced by production 9c1f…', kind: 'marker' },
  { at: '19.031', source: 'api', text: 'listening on :8000, release 2026.11.3' },
  { at: '19.377', source: 'storefront', text: 'GET / 200 \x1b[32m22 ms\x1b[0m' },
];

/** The log of the shop, one batch. */
export function shopLog(services: readonly string[]): Uint8Array {
  const wanted = SHOP_LOG.filter(
    (line) => services.length === 0 || services.some((name) => line.source.startsWith(name)),
  );
  return encodeLogBatch(wanted.map((line, index) => toLine(line, index)));
}

function toLine(said: Said, index: number): LogLine {
  return {
    id: String(index),
    time: new Date(`2026-11-20T14:02:${said.at}`).getTime(),
    kind: said.kind ?? 'stdout',
    level: said.level ?? 'info',
    source: said.source,
    text: encoder.encode(said.text),
  };
}
