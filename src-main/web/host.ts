import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { AppFailure } from '#contract/errors.ts';
import { pageHeaders } from '#serve/contentSecurity.ts';
import { createDoor, type Door } from '#serve/door.ts';
import { readRendererFile } from '#serve/rendererFiles.ts';
import type { ServedCore } from '#serve/servedCore.ts';
import { socketPipe } from '#serve/socketPipe.ts';
import { type Gate, isOurHost, mayConnect, mayEnter, sameSecret, setCookie } from './gate.ts';
import { allowedHosts, hostHeader } from './hosts.ts';

/** The longest message upward: a paste travels in pieces, a request is a few kilobytes. */
const MESSAGE_LIMIT_BYTES = 4 * 1024 * 1024;

export interface WebHostOptions {
  readonly core: ServedCore;
  /** 0: any free one. */
  readonly port: number;
  readonly host: string;
  /** The built window. */
  readonly rendererDir: string;
  /** For a supervisor that must know it before; random otherwise. */
  readonly token?: string | undefined;
}

export interface WebHost {
  /** What the user opens; holds the token. */
  readonly url: string;
  readonly port: number;
  /** Ends every connection; resolves when the port is free. */
  close(): Promise<void>;
}

/** The window and its core over HTTP and WebSocket. Rejects with `port.inUse` or `input.invalid`. */
export async function startWebHost(options: WebHostOptions): Promise<WebHost> {
  const server = createServer();
  const port = await listen(server, options);
  const gate: Gate = {
    token: options.token ?? secret(),
    folder: `s-${secret()}`,
    cookie: secret(),
    hosts: allowedHosts(options.host, port),
  };
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_LIMIT_BYTES,
    perMessageDeflate: false,
  });
  const door = createDoor(options.core);
  server.on('request', (request, response) => void answer(gate, options.rendererDir, { request, response }));
  server.on('upgrade', (request, socket, head) => upgrade({ gate, sockets, door }, request, socket, head));
  return {
    url: `http://${hostHeader(shownHost(options.host), port)}/?token=${gate.token}`,
    port,
    close: () => close(server, sockets),
  };
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

/** A wildcard is no address to open. */
function shownHost(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
}

function listen(server: Server, { port, host }: WebHostOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (thrown: NodeJS.ErrnoException) => reject(listenFailure(thrown, { port, host })));
    server.listen({ port, host }, () => resolve((server.address() as AddressInfo).port));
  });
}

function listenFailure(thrown: NodeJS.ErrnoException, at: { port: number; host: string }): unknown {
  if (thrown.code === 'EADDRINUSE') {
    const message = `Port ${at.port} is in use on ${at.host}.`;
    const hint = 'Choose another with --port, or leave it out for any free one.';
    return new AppFailure(
      { kind: 'port.inUse', port: at.port, protocol: 'tcp', message, hint },
      { cause: thrown },
    );
  }
  const message = `Slipway cannot listen on ${at.host}:${at.port} (${thrown.code ?? thrown.message}).`;
  return new AppFailure({ kind: 'input.invalid', field: 'host', message }, { cause: thrown });
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function answer(gate: Gate, rendererDir: string, { request, response }: Exchange): Promise<void> {
  const { pathname, searchParams } = address(request);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  if (!isOurHost(gate, request.headers)) return end(response, 403);
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405);
  if (pathname === '/healthz') return end(response, 204);
  if (pathname === '/' && sameSecret(searchParams.get('token'), gate.token)) return welcome(gate, response);
  const below = belowFolder(gate, pathname);
  if (below === undefined || !mayEnter(gate, request.headers)) return end(response, 403);
  await serveFile(rendererDir, below, { request, response });
}

function address(request: IncomingMessage): URL {
  return new URL(request.url?.startsWith('/') ? `http://slipway${request.url}` : 'http://slipway/');
}

/** The path inside the window, for an address below the folder that nobody can guess. */
function belowFolder(gate: Gate, pathname: string): string | undefined {
  const [, folder, ...rest] = pathname.split('/');
  return sameSecret(folder, gate.folder) && rest.length > 0 ? rest.join('/') : undefined;
}

/**
 * Trades the token for the cookie. A page that goes on by itself, not a redirect: a browser that came here by a link on
 * another site does not send a strict cookie to the target of a redirect.
 */
function welcome(gate: Gate, response: ServerResponse): void {
  response.writeHead(200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Set-Cookie': setCookie(gate),
  });
  response.end(
    `<!doctype html><title>Slipway</title><meta http-equiv="refresh" content="0;url=/${gate.folder}/">`,
  );
}

async function serveFile(rendererDir: string, below: string, { request, response }: Exchange): Promise<void> {
  try {
    const file = await readRendererFile(rendererDir, below);
    if (file === undefined) return end(response, 404);
    const headers = pageHeaders({ connect: [`ws://${request.headers.host}`] });
    response.writeHead(200, { ...headers, ...file.headers, 'Content-Length': file.bytes.length });
    response.end(request.method === 'HEAD' ? undefined : file.bytes);
  } catch {
    end(response, 500); // the built window cannot be read: nothing to say about it to the network
  }
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Cache-Control': 'no-store', 'Content-Length': 0 });
  response.end();
}

interface Upgrading {
  readonly gate: Gate;
  readonly sockets: WebSocketServer;
  readonly door: Door;
}

function upgrade(
  { gate, sockets, door }: Upgrading,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const allowed =
    mayConnect(gate, request.headers) && belowFolder(gate, address(request).pathname) === 'socket';
  if (!allowed) {
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    return;
  }
  sockets.handleUpgrade(request, socket, head, (opened) => door.accept(socketPipe(opened)));
}

async function close(server: Server, sockets: WebSocketServer): Promise<void> {
  for (const socket of sockets.clients) socket.terminate();
  sockets.close();
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
