import { type ClientLink, createORPCClient } from '@orpc/client';
import type { Clock } from '#base/clock.ts';
import type { Disposable } from '#base/disposables.ts';
import { Emitter } from '#base/emitter.ts';
import type { MessagePipe } from '#base/messagePipe.ts';
import { AppFailure, isKind, toAppError } from '#contract/errors.ts';
import type { ReadState } from '#contract/frames.ts';
import type { StreamRequestInput } from '#contract/streams.ts';
import { BackOff } from './backOff.ts';
import type { ByteStream, Client, Connection, ConnectionStatus } from './connection.ts';
import { closed, sayHello } from './handshake.ts';
import { ReopeningStream } from './reopeningStream.ts';
import { requestLink } from './requestLink.ts';
import { StateWatch } from './stateWatch.ts';
import type { Transport } from './transport.ts';

type Link = ClientLink<Record<never, never>>;

/** The connection over any transport: opens the pipe for requests again whenever it is lost. */
export class CoreConnection implements Connection {
  readonly client: Client;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #backOff: BackOff;
  readonly #statuses = new Emitter<ConnectionStatus>();
  readonly #watch: StateWatch;
  #status: ConnectionStatus = { type: 'connecting' };
  #link: Link | undefined;

  constructor(options: { readonly transport: Transport; readonly clock: Clock }) {
    this.#transport = options.transport;
    this.#clock = options.clock;
    this.#backOff = new BackOff(options.clock);
    this.client = createORPCClient<Client>({ call: (...call) => this.#call(...call) });
    this.#watch = new StateWatch(this, options.clock);
    void this.#run();
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  onStatus(listener: (status: ConnectionStatus) => void): Disposable {
    return this.#statuses.on(listener);
  }

  retry(): void {
    this.#backOff.reset();
    this.#backOff.wake();
  }

  watchState(listener: (state: ReadState) => void): Disposable {
    return this.#watch.watch(listener);
  }

  openStream(request: StreamRequestInput | (() => StreamRequestInput)): ByteStream {
    return new ReopeningStream({
      connection: this,
      transport: this.#transport,
      clock: this.#clock,
      request: typeof request === 'function' ? request : () => request,
    });
  }

  close(): void {
    if (this.#status.type === 'closed') return;
    this.#change({ type: 'closed' });
    this.#watch.dispose();
    this.#backOff.wake();
  }

  async #call(...[path, input, options]: Parameters<Link['call']>): Promise<unknown> {
    if (this.#status.type === 'connecting') await this.#nextStatus();
    if (this.#status.type === 'refused') throw new AppFailure(this.#status.error);
    if (this.#link === undefined) throw closed();
    return this.#link.call(path, input, options);
  }

  #nextStatus(): Promise<void> {
    return new Promise((resolve) => {
      const listening = this.#statuses.on(() => {
        void listening.dispose();
        resolve();
      });
    });
  }

  async #run(): Promise<void> {
    while (!this.#isClosed()) {
      const refusal = await this.#serveOnce();
      if (this.#isClosed()) return;
      if (refusal) await this.#waitRefused(refusal);
      else await this.#waitLost();
    }
  }

  /** Opens the requests' pipe and stays until it closes; the refusal, where the core does not want us. */
  async #serveOnce(): Promise<AppFailure | undefined> {
    const pipe = this.#transport.open();
    const closing = this.onStatus((status) => {
      if (status.type === 'closed') pipe.close();
    });
    try {
      await sayHello(pipe, { type: 'requests' });
      await this.#stayConnected(pipe);
      return undefined;
    } catch (thrown) {
      pipe.close();
      if (!isKind(thrown, 'protocol.closed')) return new AppFailure(toAppError(thrown), { cause: thrown });
      const reason = await this.#transport.diagnose();
      return reason && new AppFailure(reason);
    } finally {
      void closing.dispose();
      this.#link = undefined;
    }
  }

  async #stayConnected(pipe: MessagePipe): Promise<void> {
    this.#link = requestLink(pipe);
    this.#backOff.reset();
    this.#change({ type: 'connected' });
    await new Promise<void>((resolve) => pipe.onClose(resolve));
  }

  async #waitRefused(refusal: AppFailure): Promise<void> {
    this.#change({ type: 'refused', error: refusal.error });
    await this.#backOff.untilWoken();
  }

  async #waitLost(): Promise<void> {
    const delay = this.#backOff.next();
    const since = this.#status.type === 'lost' ? this.#status.since : this.#clock.now();
    this.#change({ type: 'lost', since, retryAt: this.#clock.now() + delay });
    await this.#backOff.pause(delay);
  }

  #isClosed(): boolean {
    return this.#status.type === 'closed';
  }

  #change(status: ConnectionStatus): void {
    if (this.#isClosed()) return;
    this.#status = status;
    this.#statuses.emit(status);
  }
}
