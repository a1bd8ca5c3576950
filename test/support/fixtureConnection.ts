import type { Disposable } from '#base/disposables.ts';
import { Emitter } from '#base/emitter.ts';
import type { Client, Connection, ConnectionStatus } from '#client/connection.ts';
import { applyFrame, type ReadState } from '#contract/frames.ts';
import { type RecordKey, recordKey, type StateRecord } from '#contract/model.ts';
import type { StreamRequestInput } from '#contract/streams.ts';
import { answers } from './window/answers.ts';
import { FixtureStream, shopLog } from './window/fixtureStreams.ts';

/**
 * A connection without a core, for pictures of the window and for measuring it: it shows the records it is given and notes
 * what it is asked. The product never sees it.
 */
export class FixtureConnection implements Connection {
  readonly client: Client;
  /** `stack.boot {"workspace":"shop"}`, in order. */
  readonly asked: string[] = [];
  readonly streams: FixtureStream[] = [];
  readonly #statuses = new Emitter<ConnectionStatus>();
  readonly #states = new Emitter<ReadState>();
  #status: ConnectionStatus = { type: 'connected' };
  #state: ReadState | undefined;

  constructor(records: readonly StateRecord[] | undefined) {
    this.client = answers((call) => this.asked.push(call));
    if (records) this.show(records);
  }

  /** Everything as it is from now on; of another core where the epoch is another. */
  show(records: readonly StateRecord[], epoch = 'fixture'): void {
    const frame = {
      type: 'snapshot',
      epoch,
      revision: (this.#state?.revision ?? 0) + 1,
      records: records.map((record): [RecordKey, StateRecord] => [recordKey(record), record]),
    } as const;
    this.#take(applyFrame(this.#state, frame));
  }

  /** Some records as they are from now on. */
  put(records: readonly StateRecord[]): void {
    const since = this.#state?.revision ?? 0;
    const put = records.map((record): [RecordKey, StateRecord] => [recordKey(record), record]);
    this.#take(
      applyFrame(this.#state, {
        type: 'patch',
        epoch: this.#state?.epoch ?? 'fixture',
        since,
        revision: since + 1,
        put,
        removed: [],
      }),
    );
  }

  #take(next: ReadState | 'resync'): void {
    if (next === 'resync') throw new Error('The fixture lost its own state.');
    this.#state = next;
    this.#states.emit(next);
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  set status(status: ConnectionStatus) {
    this.#status = status;
    this.#statuses.emit(status);
  }

  onStatus(listener: (status: ConnectionStatus) => void): Disposable {
    return this.#statuses.on(listener);
  }

  watchState(listener: (state: ReadState) => void): Disposable {
    if (this.#state) listener(this.#state);
    return this.#states.on(listener);
  }

  openStream(request: StreamRequestInput | (() => StreamRequestInput)): FixtureStream {
    const asked = typeof request === 'function' ? request() : request;
    const services = asked.type === 'logs' ? asked.services : [];
    const stream = new FixtureStream(asked, (send) => send(shopLog(services)));
    this.streams.push(stream);
    return stream;
  }

  retry(): void {
    this.asked.push('retry');
  }

  close(): void {}
}
