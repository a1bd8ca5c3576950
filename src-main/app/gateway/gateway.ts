import type { Disposable } from '#base/disposables.ts';
import { type AppError, AppFailure } from '#contract/errors.ts';
import type { GatewayRecord } from '#contract/model.ts';
import type { EngineLink } from '../engineLink.ts';
import { programOn } from '../portHolder.ts';
import type { StateFeed } from '../stateFeed.ts';
import type { Workspaces } from '../workspaces.ts';
import { reachOf } from './dial.ts';
import { GatewayHandlers } from './gatewayHandlers.ts';
import { openSites } from './gatewaySites.ts';
import { SniffingServer } from './sniffingServer.ts';

/** Never more than this machine. */
const LOOPBACK = '127.0.0.1';

export interface GatewayParts {
  readonly workspaces: Workspaces;
  readonly feed: StateFeed;
  readonly link: EngineLink;
  readonly now: () => number;
}

/**
 * Every service with an HTTP port under one address, `http://SERVICE.PROJECT.localhost:PORT/`. Off until it is started;
 * listens on loopback alone.
 */
export class Gateway implements Disposable {
  readonly #parts: GatewayParts;
  #open: { readonly server: SniffingServer; readonly port: number } | undefined;
  /** One change at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.#say({ type: 'off' });
  }

  /** Listens, on any free port for 0, and gives the port. Rejects with `port.inUse`; the record says it too. */
  start(port: number): Promise<number> {
    return this.#next(async () => {
      if (this.#open !== undefined && this.#open.port === port) return port;
      await this.#close();
      return this.#listen(port);
    });
  }

  stop(): Promise<void> {
    return this.#next(async () => {
      await this.#close();
      this.#say({ type: 'off' });
    });
  }

  dispose(): Promise<void> {
    return this.#next(() => this.#close());
  }

  async #listen(port: number): Promise<number> {
    const { workspaces, feed, link, now } = this.#parts;
    const handlers = new GatewayHandlers({
      sites: () => openSites(workspaces, feed),
      reach: () => reachOf(link.status.type === 'connected' ? link.status.endpoint : '', process.platform),
      now,
      port: () => this.#open?.port ?? port,
    });
    const server = new SniffingServer(handlers);
    try {
      this.#open = { server, port: await server.listen(port, LOOPBACK) };
    } catch (thrown) {
      const error = await listenError(thrown, port);
      this.#say({ type: 'failed', port, error });
      throw new AppFailure(error, { cause: thrown });
    }
    this.#say({ type: 'listening', port: this.#open.port });
    return this.#open.port;
  }

  async #close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.server.close();
  }

  #say(status: GatewayRecord['status']): void {
    this.#parts.feed.put({ type: 'gateway', status });
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work, work);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}

async function listenError(thrown: unknown, port: number): Promise<AppError> {
  const code = (thrown as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') {
    const holder = await programOn(port, 'tcp');
    return {
      kind: 'port.inUse',
      port,
      protocol: 'tcp',
      holder,
      message: `Port ${port} is taken by ${holder}.`,
      hint: 'Choose another port for the gateway.',
    };
  }
  return {
    kind: 'input.invalid',
    field: 'port',
    message: `The gateway cannot listen on port ${port}: ${code ?? String(thrown)}.`,
    hint: 'Choose a port above 1023.',
  };
}
