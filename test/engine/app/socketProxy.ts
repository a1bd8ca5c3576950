import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** A socket that stands for the engine's, so that a test can stop and start "the engine" that others are using. */
export class SocketProxy {
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-proxy-'));
  readonly path = path.join(this.#folder, 'engine.sock');
  readonly #target: string;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(target: string) {
    this.#target = target;
  }

  get url(): string {
    return `unix://${this.path}`;
  }

  start(): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (client) => this.#join(client));
    this.#server = server;
    return new Promise((resolve) => server.listen(this.path, resolve));
  }

  /** Breaks every connection, as an engine does that stops. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #join(client: Socket): void {
    const upstream = connect({ path: this.#target, allowHalfOpen: true });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}
