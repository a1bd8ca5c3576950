import { rmSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import type { EngineEndpoint } from '#engine/endpoints.ts';

/** Stands between Slipway and an engine: counts what is open and what flows, and can be the engine that goes away. */
export class EngineProxy {
  readonly #server: net.Server;
  readonly #socketPath: string;
  readonly #pairs = new Set<readonly [net.Socket, net.Socket]>();
  /** Bytes from the engine so far. */
  received = 0;

  private constructor(server: net.Server, socketPath: string) {
    this.#server = server;
    this.#socketPath = socketPath;
  }

  static async start(folder: string, enginePath: string): Promise<EngineProxy> {
    const socketPath = path.join(folder, 'proxy.sock');
    const server = net.createServer({ allowHalfOpen: true });
    const proxy = new EngineProxy(server, socketPath);
    server.on('connection', (client) => proxy.#join(client, enginePath));
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    return proxy;
  }

  get endpoint(): EngineEndpoint {
    const address = { type: 'unix', path: this.#socketPath } as const;
    return { address, url: `unix://${this.#socketPath}`, source: 'proxy', explicit: true };
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#pairs.size;
  }

  /** As when the engine is killed: everything breaks at once; new connections still come through. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#socketPath, { force: true });
  }

  #join(client: net.Socket, enginePath: string): void {
    const upstream = net.connect({ path: enginePath, allowHalfOpen: true });
    const pair = [client, upstream] as const;
    this.#pairs.add(pair);
    // The proxy keeps nothing alive, and is not counted among what a test leaves open.
    for (const socket of pair) socket.unref();
    upstream.on('data', (chunk: Buffer) => {
      this.received += chunk.length;
    });
    client.pipe(upstream).pipe(client);
    for (const socket of pair) {
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.#pairs.delete(pair);
        for (const other of pair) other.destroy();
      });
    }
  }
}
