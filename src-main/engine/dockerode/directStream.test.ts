import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '#support/eventually.ts';
import { DirectStream } from './directStream.ts';
import { ReadPacer } from './readPacer.ts';

const HEAD = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const END = '0\r\n\r\n';

let folder: string;
let server: net.Server;
let connections: Set<net.Socket>;
let ended: number;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-direct-'));
  connections = new Set();
  ended = 0;
});

afterEach(async () => {
  for (const connection of connections) connection.destroy();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

async function open(
  answer: (connection: net.Socket) => void,
  signal?: AbortSignal,
): Promise<{ readonly stream: DirectStream }> {
  const socketPath = path.join(folder, 'engine.sock');
  server = net.createServer((connection) => {
    connections.add(connection);
    connection.on('error', () => undefined);
    connection.once('close', () => connections.delete(connection));
    connection.once('data', () => answer(connection));
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const stream = new DirectStream({
    socketPath,
    path: '/logs',
    signal,
    pacer: new ReadPacer(),
    failure: (thrown) =>
      new Error(signal?.aborted ? 'cancelled' : `lost: ${(thrown as Error | undefined)?.message}`),
  });
  stream.onEnd = () => ended++;
  return { stream };
}

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const bytes of stream) text += Buffer.from(bytes).toString('latin1');
  return text;
}

describe('an answer', () => {
  test('is whole, however it comes: at once, after a while, in many pieces', async () => {
    const lines = Array.from({ length: 50_000 }, (_, index) => `line ${index}\n`);
    const { stream } = await open((connection) => {
      connection.write(HEAD + lines.slice(0, 10).map(chunk).join(''));
      setTimeout(() => connection.end(lines.slice(10).map(chunk).join('') + END), 20);
    });
    expect(await stream.status).toBe(200);
    expect(await textOf(stream)).toBe(lines.join(''));
    expect(ended).toBe(1);
    await eventually(() => connections.size === 0);
  });

  test('that a reader takes slowly stops who writes it, and loses nothing', async () => {
    const line = chunk('x'.repeat(1000));
    let written = 0;
    const { stream } = await open((connection) => {
      connection.write(HEAD);
      const more = () => {
        while (written < 5000) {
          written++;
          if (!connection.write(line)) return void connection.once('drain', more);
        }
        connection.end(END);
      };
      more();
    });
    await stream.status;
    let last = -1;
    await eventually(() => {
      const stalled = written === last && written > 0;
      last = written;
      return stalled;
    });
    expect(written).toBeLessThan(2000);
    let bytes = 0;
    for await (const batch of stream) {
      bytes += batch.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(bytes).toBe(5000 * 1000);
  });

  test('that is cut: what came is given, then it fails', async () => {
    const { stream } = await open((connection) => connection.end(HEAD + chunk('half a')));
    let text = '';
    const reading = (async () => {
      for await (const bytes of stream) text += Buffer.from(bytes).toString();
    })();
    await expect(reading).rejects.toThrow('lost: The answer was cut.');
    expect(text).toBe('half a');
  });

  test('that is not HTTP: no status, with the reason', async () => {
    const { stream } = await open((connection) => connection.write('220 mail ready\r\n\r\n'));
    await expect(stream.status).rejects.toThrow('does not speak HTTP');
    await eventually(() => connections.size === 0);
  });

  test('that does not come: no status', async () => {
    const { stream } = await open((connection) => connection.destroy());
    await expect(stream.status).rejects.toThrow('lost');
    expect(ended).toBe(1);
  });
});

describe('who reads', () => {
  test('may leave: the connection closes, and reading on ends quietly', async () => {
    const { stream } = await open((connection) => connection.write(HEAD + chunk('a') + chunk('b')));
    await stream.status;
    for await (const _ of stream) break;
    expect(await textOf(stream)).toBe('');
    await eventually(() => connections.size === 0);
  });

  test('may leave the connection alone: what comes meanwhile waits in it, and is given whole after that', async () => {
    const samples = Array.from({ length: 40 }, (_, index) => `${index} ${'x'.repeat(1000)}\n`);
    let write = (_: string) => {};
    const { stream } = await open((connection) => {
      write = (text) => void connection.write(text);
      write(HEAD + chunk('first\n'));
    });
    await stream.status;
    const reader = stream[Symbol.asyncIterator]();
    expect(Buffer.from((await reader.next()).value ?? []).toString()).toBe('first\n');
    expect(stream.hasMore).toBe(false);
    stream.pause();
    write(samples.map(chunk).join(''));
    const next = reader.next();
    const waited = new Promise((resolve) => setTimeout(() => resolve('nothing'), 50));
    expect(await Promise.race([next, waited])).toBe('nothing');
    stream.resume();
    // More than one batch holds: none of it may be left for the next time.
    let text = Buffer.from((await next).value ?? []).toString();
    while (stream.hasMore) text += Buffer.from((await reader.next()).value ?? []).toString();
    expect(text).toBe(samples.join(''));
  });

  test('that waits is let go by close', async () => {
    const { stream } = await open((connection) => connection.write(HEAD));
    await stream.status;
    const reading = textOf(stream);
    setImmediate(stream.close);
    expect(await reading).toBe('');
  });

  test('that gives up is told so, although more had come', async () => {
    const abort = new AbortController();
    const { stream } = await open((connection) => connection.write(HEAD + chunk('a')), abort.signal);
    await stream.status;
    setImmediate(() => abort.abort());
    await expect(textOf(stream)).rejects.toThrow('cancelled');
    await eventually(() => connections.size === 0);
  });

  test('that gives up before there is an answer has none', async () => {
    const abort = new AbortController();
    const { stream } = await open(() => abort.abort(), abort.signal);
    await expect(stream.status).rejects.toThrow('cancelled');
  });
});
