import { Agent, type IncomingMessage } from 'node:http';
import { connect as connectHttp2, constants, type IncomingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createProxyServer } from 'httpxy';
import type { AnyRequest, AnyResponse } from './sniffingServer.ts';

/** Headers that speak of one connection only. Source: RFC 9110, 7.6.1. */
const OF_THE_CONNECTION = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'host',
];
const { HTTP2_HEADER_AUTHORITY, HTTP2_HEADER_METHOD, HTTP2_HEADER_PATH, HTTP2_HEADER_SCHEME } = constants;

const proxy = createProxyServer({
  xfwd: true,
  proxyTimeout: 0,
  prependPath: false,
});
// HTTP/2 refuses headers that speak of an HTTP/1 connection. Source: RFC 9113, 8.2.2.
proxy.on('proxyRes', (answer, request) => {
  if (request.httpVersionMajor > 1) for (const name of OF_THE_CONNECTION) delete answer.headers[name];
});

/** Carries one request over a connection that is open already. Rejects where it broke before the answer began. */
export async function forwardHttp(
  request: AnyRequest,
  response: AnyResponse,
  upstream: Socket,
): Promise<void> {
  const agent = agentOf(upstream);
  try {
    await settled(response, (reject) => {
      const failed = (thrown: Error) => reject(thrown);
      upstream.once('error', failed);
      proxy
        .web(request as IncomingMessage, response as never, { target: 'http://upstream', agent })
        .catch(failed);
    });
  } finally {
    agent.destroy();
    upstream.destroy();
  }
}

/** Joins a WebSocket to the service's. A failure ends the client's socket. */
export async function forwardUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  upstream: Socket,
): Promise<void> {
  socket.once('close', () => upstream.destroy());
  upstream.once('close', () => socket.destroy());
  await proxy.ws(request, socket as Socket, { target: 'http://upstream', agent: agentOf(upstream) }, head);
}

/** Carries one request as HTTP/2 without TLS, trailers included: what gRPC is made of. */
export async function forwardHttp2(
  request: AnyRequest,
  response: AnyResponse,
  upstream: Socket,
): Promise<void> {
  const session = connectHttp2('http://upstream', { createConnection: () => upstream });
  try {
    await settled(response, (reject) => {
      session.once('error', reject);
      const stream = session.request(http2Headers(request), { endStream: false });
      stream.once('error', reject);
      stream.once('response', (headers) => {
        const { ':status': status = 502, ...rest } = headers;
        (response as never as { writeHead(code: number, headers: object): void }).writeHead(
          status,
          plain(rest),
        );
      });
      stream.once('trailers', (trailers) => addTrailers(response, trailers));
      request.pipe(stream);
      stream.pipe(response as NodeJS.WritableStream);
    });
  } finally {
    session.destroy();
  }
}

/** Resolves when the answer has gone out or its reader has left. */
function settled(response: AnyResponse, begin: (reject: (thrown: Error) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = response as NodeJS.WritableStream;
    stream.once('finish', () => resolve());
    stream.once('close', () => resolve());
    begin(reject);
  });
}

/** One connection, for one request: it was made to a replica that was ready at that moment. */
function agentOf(upstream: Socket): Agent {
  const agent = new Agent({ keepAlive: false, maxSockets: 1 });
  agent.createConnection = () => upstream;
  return agent;
}

function http2Headers(request: AnyRequest): Record<string, string | string[]> {
  return {
    ...plain(request.headers),
    [HTTP2_HEADER_METHOD]: request.method ?? 'GET',
    [HTTP2_HEADER_PATH]: request.url ?? '/',
    [HTTP2_HEADER_SCHEME]: 'http',
    [HTTP2_HEADER_AUTHORITY]: hostOf(request) ?? 'localhost',
  };
}

/** The name that was asked for, however the protocol calls it. */
export function hostOf(request: AnyRequest): string | undefined {
  const authority = request.headers[':authority'];
  return typeof authority === 'string' ? authority : request.headers.host;
}

function plain(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const kept = Object.entries(headers).filter(
    ([name, value]) => value !== undefined && !name.startsWith(':') && !OF_THE_CONNECTION.includes(name),
  );
  return Object.fromEntries(kept) as Record<string, string | string[]>;
}

function addTrailers(response: AnyResponse, trailers: IncomingHttpHeaders): void {
  (response as { addTrailers(headers: object): void }).addTrailers(plain(trailers));
}
