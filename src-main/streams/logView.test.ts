import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ByteChannel } from '#base/byteChannel.ts';
import { memoryPipes } from '#base/messagePipe.ts';
import { pipeChannel } from '#base/pipeChannel.ts';
import { decodeLogBatch, LOG_LEVELS, type LogLine } from '#contract/logBatch.ts';
import { CREDIT_BYTES, streamRequest } from '#contract/streams.ts';
import { eventually } from '#support/eventually.ts';
import { appendText } from './logStore/appendText.ts';
import { LogStore } from './logStore/logStore.ts';
import { type LogsRequest, serveLogs } from './logView.ts';

let folder: string;
let store: LogStore;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'slipway-view-'));
  store = await LogStore.open({ folder });
});
afterEach(async () => {
  await store.dispose();
  await rm(folder, { recursive: true, force: true });
});

function write(
  service: string,
  secs: number,
  text: string | Buffer,
  { level = 'none', more = false } = {},
): void {
  const lane = store.lane({ service, number: 1 });
  const source = Buffer.from(text as string);
  const meta = (LOG_LEVELS as readonly string[]).indexOf(level) << 3;
  appendText(lane, lane.container('c'), { meta, secs, nanos: 0, source, start: 0, end: source.length, more });
}

interface Reader {
  readonly channel: ByteChannel;
  readonly lines: LogLine[];
  readonly controls: unknown[];
  readonly sizes: number[];
  readonly served: Promise<void>;
}

function read(request: Partial<LogsRequest>, { acknowledge = true } = {}): Reader {
  const [core, own] = memoryPipes();
  const channel = pipeChannel(own);
  const lines: LogLine[] = [];
  const controls: unknown[] = [];
  const sizes: number[] = [];
  channel.onData((bytes) => {
    sizes.push(bytes.length);
    lines.push(...decodeLogBatch(bytes));
    if (acknowledge) channel.control({ type: 'ack', bytes: bytes.length });
  });
  channel.onControl((message) => controls.push(message));
  const parsed = streamRequest.parse({
    type: 'logs',
    workspace: 'w',
    services: [],
    ...request,
  }) as LogsRequest;
  return {
    channel,
    lines,
    controls,
    sizes,
    served: serveLogs({ store, request: parsed, channel: pipeChannel(core) }),
  };
}

function texts(lines: readonly LogLine[]): string[] {
  return lines.map(({ source, text }) => `${source} ${Buffer.from(text).toString()}`);
}

test('the last lines of the past come in order, then live, then what is written', async () => {
  for (let index = 0; index < 10; index++) write(index % 2 ? 'web' : 'api', index, `line ${index}`);
  await store.flush();
  const reader = read({ tail: 3 });
  await eventually(() => reader.controls.length > 0);
  expect(texts(reader.lines)).toEqual(['web line 7', 'api line 8', 'web line 9']);
  expect(reader.controls).toEqual([{ type: 'live' }]);
  write('api', 20, 'new');
  write('db', 21, 'of a new service');
  await eventually(() => reader.lines.length === 5);
  expect(texts(reader.lines.slice(3))).toEqual(['api new', 'db of a new service']);
  reader.channel.close();
  await reader.served;
});

test('without follow the channel ends when everything was sent', async () => {
  write('api', 1, 'a');
  await store.flush();
  const reader = read({ follow: false });
  await reader.served;
  await eventually(() => reader.controls.length > 0);
  expect(reader.controls).toEqual([{ type: 'end' }]);
  expect(texts(reader.lines)).toEqual(['api a']);
});

test('a reader that comes back goes on after the line it has', async () => {
  for (let index = 0; index < 5; index++) write('api', index, `line ${index}`);
  await store.flush();
  const first = read({ follow: false });
  await first.served;
  await eventually(() => first.lines.length === 5);
  const ids = first.lines.map((line) => line.id);
  expect(ids.toSorted()).toEqual(ids);
  const again = read({ follow: false, after: ids[2] });
  await again.served;
  await eventually(() => again.lines.length === 2);
  expect(texts(again.lines)).toEqual(['api line 3', 'api line 4']);
});

test('a reader that acknowledges nothing is sent no more than its credit, and misses nothing afterwards', async () => {
  const total = 30_000;
  for (let index = 0; index < total; index++) write('api', index, `line ${index} ${'x'.repeat(50)}`);
  await store.flush();
  const reader = read({ tail: total }, { acknowledge: false });
  const sum = () => reader.sizes.reduce((all, size) => all + size, 0);
  await eventually(() => sum() > CREDIT_BYTES);
  expect(sum()).toBeLessThanOrEqual(CREDIT_BYTES + 64 * 1024);
  expect(Math.max(...reader.sizes)).toBeLessThanOrEqual(64 * 1024);
  await eventually(() => {
    reader.channel.control({ type: 'ack', bytes: sum() });
    return reader.lines.length === total;
  });
  expect(texts(reader.lines).every((text, index) => text.startsWith(`api line ${index} `))).toBe(true);
  reader.channel.close();
  await reader.served;
});

test('a long line is folded, one below the bound is whole', async () => {
  write('api', 1, 'a'.repeat(60_000));
  write('api', 2, 'b'.repeat(1_000_000));
  write('api', 3, 'end');
  await store.flush();
  const reader = read({ follow: false });
  await reader.served;
  await eventually(() => reader.lines.length === 3);
  expect(reader.lines.map(({ kind, text }) => `${kind} ${text.length}`)).toEqual([
    'stdout 60000',
    'folded 16384',
    'stdout 3',
  ]);
});

test('a long line whose end never comes is shown folded, and does not hold up the others', async () => {
  write('api', 1, 'a'.repeat(40_000), { more: true });
  write('web', 2, 'other');
  await store.flush();
  const reader = read({});
  await eventually(() => reader.lines.length === 2);
  expect(reader.lines.map(({ source, kind }) => `${source} ${kind}`)).toEqual(['api folded', 'web stdout']);
  reader.channel.close();
  await reader.served;
});

test('levels and text filter, and the frames of a trace come with their head', async () => {
  write('api', 1, 'fine', { level: 'info' });
  write('api', 2, 'broken pipe', { level: 'error' });
  write('api', 3, 'slow', { level: 'warn' });
  await store.flush();
  const byLevel = read({
    follow: false,
    filter: { levels: ['error', 'warn'], regex: false, caseSensitive: false, invert: false, onlyNew: false },
  });
  await byLevel.served;
  const byText = read({
    follow: false,
    filter: { text: 'BROKEN', regex: false, caseSensitive: false, invert: false, onlyNew: false },
  });
  await byText.served;
  const inverted = read({
    follow: false,
    tail: 2,
    filter: { text: 'slow|x+', regex: true, caseSensitive: true, invert: true, onlyNew: false },
  });
  await inverted.served;
  await eventually(() => inverted.lines.length === 2);
  expect(texts(byLevel.lines)).toEqual(['api broken pipe', 'api slow']);
  expect(texts(byText.lines)).toEqual(['api broken pipe']);
  expect(texts(inverted.lines)).toEqual(['api fine', 'api broken pipe']);
});

test('a span of time has both its ends', async () => {
  for (let secs = 1; secs <= 9; secs++) write('api', secs, `${secs}`);
  await store.flush();
  const reader = read({ follow: false, sinceMs: 3000, untilMs: 5000 });
  await reader.served;
  await eventually(() => reader.lines.length === 3);
  expect(texts(reader.lines)).toEqual(['api 3', 'api 4', 'api 5']);
});

test('what is no regular expression is an error of the reader, not of the core', async () => {
  const reader = read({
    filter: { text: '(', regex: true, caseSensitive: false, invert: false, onlyNew: false },
  });
  await reader.served;
  await eventually(() => reader.controls.length > 0);
  expect(reader.controls).toMatchObject([{ type: 'end', error: { kind: 'input.invalid' } }]);
});
