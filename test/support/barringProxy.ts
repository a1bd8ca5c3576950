import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import type { EngineEndpoint } from '#engine/endpoints.ts';

/** Stands before an engine and answers some requests itself, as an engine does that does not know them. */
export interface BarringProxy extends AsyncDisposable {
  readonly endpoint: EngineEndpoint;
  /** The requests that it let nobody through with: `POST /session`. */
  readonly barred: readonly string[];
}

/** What an engine without BuildKit has no way to. */
export const BUILDKIT_WAYS = /^(\/v[\d.]+)?\/(session|grpc)\b/;

export async function openBarringProxy(enginePath: string, ways: RegExp): Promise<BarringProxy> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'barring-'));
  const socketPath = path.join(folder, 'engine.sock');
  const barred: string[] = [];
  const server = http.createServer((request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    if (ways.test(url)) {
      barred.push(`${method} ${url.replace(/^\/v[\d.]+/, '').replace(/\?.*/, '')}`);
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: 'page not found' }));
      return;
    }
    const onward = http.request({ socketPath: enginePath, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      response.flushHeaders();
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    // A client that goes away cancels what it asked for.
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  // An engine without the way answers the upgrade like any other request.
  server.on('upgrade', (request, socket) => {
    barred.push(`${request.method} ${(request.url ?? '').replace(/^\/v[\d.]+/, '').replace(/\?.*/, '')}`);
    const body = JSON.stringify({ message: 'page not found' });
    socket.end(
      `HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  });
  await once(server.listen(socketPath), 'listening');
  const url = `unix://${socketPath}`;
  return {
    endpoint: { address: { type: 'unix', path: socketPath }, url, source: 'barring', explicit: true },
    barred,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
