import http2 from 'node:http2';
import type { Duplex } from 'node:stream';

/** Length prefix of a gRPC message: one byte of flags, four of length. Source: gRPC over HTTP/2, "Length-Prefixed-Message". */
const PREFIX_BYTES = 5;

/** What a gRPC server answered that was no success. */
export class GrpcFailure extends Error {
  readonly status: number;
  /** `grpc-status-details-bin`, decoded from base64. */
  readonly details: Buffer;

  constructor(status: number, message: string, details: Buffer) {
    super(message);
    this.name = 'GrpcFailure';
    this.status = status;
    this.details = details;
  }
}

/** Calls a gRPC server over a connection that is open already, which grpc-js's client cannot. */
export class GrpcCalls {
  readonly #session: http2.ClientHttp2Session;

  constructor(socket: Duplex) {
    this.#session = http2.connect('http://engine', { createConnection: () => socket });
    // Each call hears of it itself.
    this.#session.on('error', () => undefined);
  }

  /** One message there, the messages back as they come. Rejects with GrpcFailure or what broke the connection. */
  async *call(path: string, message: Uint8Array, signal?: AbortSignal): AsyncGenerator<Buffer, void, void> {
    const headers = {
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    };
    const stream = this.#session.request(headers, signal === undefined ? {} : { signal });
    let ending: http2.IncomingHttpHeaders = {};
    stream.on('response', (given) => (ending = { ...ending, ...given }));
    stream.on('trailers', (given) => (ending = { ...ending, ...given }));
    stream.end(framed(message));
    try {
      yield* messagesOf(stream);
    } finally {
      stream.close();
    }
    throwUnlessOk(ending);
  }

  close(): void {
    this.#session.destroy();
  }
}

function framed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

async function* messagesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= PREFIX_BYTES) {
      const end = PREFIX_BYTES + rest.readUInt32BE(1);
      if (rest.length < end) break;
      yield rest.subarray(PREFIX_BYTES, end);
      rest = rest.subarray(end);
    }
  }
}

function throwUnlessOk(headers: http2.IncomingHttpHeaders): void {
  const status = Number(headers['grpc-status'] ?? 2);
  if (status === 0) return;
  const message = decodeURIComponent(String(headers['grpc-message'] ?? `gRPC status ${status}`));
  throw new GrpcFailure(
    status,
    message,
    Buffer.from(String(headers['grpc-status-details-bin'] ?? ''), 'base64'),
  );
}
