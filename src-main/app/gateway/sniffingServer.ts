import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createServer as createHttp2,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export type AnyRequest = IncomingMessage | Http2ServerRequest;
export type AnyResponse = ServerResponse | Http2ServerResponse;

export interface SniffingHandlers {
  readonly request: (request: AnyRequest, response: AnyResponse) => void;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** What every HTTP/2 client says first; three letters tell it from any HTTP/1 method. Source: RFC 9113, 3.4. */
const HTTP2_PREFACE = 'PRI';
/** Whoever opens a connection and says nothing is let go. */
const FIRST_WORD_MS = 60_000;

/** One listener for HTTP/1.1 and for HTTP/2 without TLS, told apart by their first bytes. */
export class SniffingServer {
  readonly #server: Server;
  readonly #http1;
  readonly #http2;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();

  constructor(handlers: SniffingHandlers) {
    this.#http1 = createHttp(handlers.request);
    this.#http1.on('upgrade', handlers.upgrade);
    // A page may be watched for hours: an answer takes as long as it takes.
    this.#http1.requestTimeout = 0;
    this.#http2 = createHttp2(handlers.request);
    this.#http2.on('session', (session) => {
      this.#sessions.add(session);
      session.once('close', () => this.#sessions.delete(session));
      session.on('error', () => session.destroy());
    });
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  /** The port it listens on. Rejects with the system's error. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, host, exclusive: true }, () => {
        this.#server.removeListener('error', reject);
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  /** Takes no more connections and cuts those that are open. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(FIRST_WORD_MS, () => socket.destroy());
    socket.once('data', (first: Buffer) => {
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      socket.pause();
      socket.unshift(first);
      const server = isHttp2(first) ? this.#http2 : this.#http1;
      server.emit('connection', socket);
      // The server has attached itself by now; HTTP/2 takes the handle over and reads by itself.
      if (server === this.#http1) process.nextTick(() => socket.resume());
    });
  }
}

function isHttp2(first: Buffer): boolean {
  return first.toString('latin1', 0, HTTP2_PREFACE.length) === HTTP2_PREFACE;
}
