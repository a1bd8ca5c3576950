import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { MessagePipe, PipeMessage } from '#base/messagePipe.ts';
import { eventually } from '#support/eventually.ts';
import { socketPipe } from './socketPipe.ts';

let server: WebSocketServer;
let pipes: MessagePipe[];
const clients: WebSocket[] = [];

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  pipes = [];
  server = new WebSocketServer({ host: '127.0.0.1', port: 0, maxPayload: 1024 });
  server.on('connection', (socket) => pipes.push(socketPipe(socket)));
  await new Promise((resolve) => server.once('listening', resolve));
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await new Promise((resolve) => server.close(resolve));
  await eventually(() => vi.getTimerCount() === 0);
  vi.useRealTimers();
});

async function connect(options: { readonly autoPong?: boolean } = {}) {
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, options);
  clients.push(client);
  client.on('error', () => {});
  const pipe = await eventually(() => pipes[0]);
  await eventually(() => client.readyState === WebSocket.OPEN);
  return { client, pipe };
}

test('text stays text and bytes stay bytes, both ways', async () => {
  const { client, pipe } = await connect();
  const up: PipeMessage[] = [];
  const down: unknown[] = [];
  pipe.onMessage((message) => up.push(typeof message === 'string' ? message : new Uint8Array(message)));
  client.on('message', (data, isBinary) => down.push(isBinary ? [...(data as Buffer)] : String(data)));
  client.send('hello');
  client.send(new Uint8Array([0, 255]));
  pipe.send('welcome');
  pipe.send(new Uint8Array([255, 0]));
  await eventually(() => up.length === 2 && down.length === 2);
  expect(up).toEqual(['hello', new Uint8Array([0, 255])]);
  expect(down).toEqual(['welcome', [255, 0]]);
});

test('a reader that does not answer the heartbeat is let go; one that does stays', async () => {
  const { client, pipe } = await connect({ autoPong: false });
  let closed = false;
  pipe.onClose(() => {
    closed = true;
  });
  const pinged = new Promise((resolve) => client.once('ping', resolve));
  vi.advanceTimersByTime(15_000);
  await pinged;
  client.pong();
  // The server reads in order: its answer to this shows that it has read the pong.
  await new Promise((resolve) => {
    client.once('pong', resolve);
    client.ping();
  });
  vi.advanceTimersByTime(15_000);
  expect(closed).toBe(false);
  vi.advanceTimersByTime(15_000);
  await eventually(() => closed);
});

test('a message that is too long ends the connection, not the process', async () => {
  const { client, pipe } = await connect();
  let closed = false;
  pipe.onClose(() => {
    closed = true;
  });
  client.send('x'.repeat(2_000));
  await eventually(() => closed);
});
