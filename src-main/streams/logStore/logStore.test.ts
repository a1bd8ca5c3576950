import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '#support/eventually.ts';
import { appendText } from './appendText.ts';
import { LogStore } from './logStore.ts';
import { MergedReader } from './mergedReader.ts';
import { wholeLine } from './wholeLine.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'slipway-store-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Written {
  readonly service?: string;
  readonly container?: string;
  readonly secs: number;
  readonly text: string | Buffer;
}

function write(store: LogStore, { service = 'api', container = 'c1', secs, text }: Written): void {
  const lane = store.lane({ service, number: 1 });
  const source = Buffer.from(text as string);
  appendText(lane, lane.container(container), {
    meta: 0,
    secs,
    nanos: 0,
    source,
    start: 0,
    end: source.length,
    more: false,
  });
}

async function readAll(store: LogStore): Promise<string[]> {
  const reader = new MergedReader(store.lanes, () => ({ type: 'first' }));
  const lines: string[] = [];
  for (;;) {
    const cursor = reader.pick();
    if (cursor === undefined) {
      if (!(await reader.load())) return lines;
      continue;
    }
    const { bytes } = await wholeLine(cursor, 64 * 1024 * 1024);
    lines.push(`${cursor.lane.source} ${bytes.toString('latin1')}`);
    cursor.advance();
  }
}

async function reopened(budgetBytes?: number): Promise<{ store: LogStore; lines: string[] }> {
  const store = await LogStore.open({ folder, budgetBytes });
  return { store, lines: await readAll(store) };
}

test('lines are read over all services in the order of time, before and after a restart', async () => {
  const store = await LogStore.open({ folder });
  write(store, { secs: 1, text: 'a' });
  write(store, { service: 'web', secs: 2, text: 'b' });
  write(store, { secs: 3, text: 'c' });
  write(store, { service: 'web', secs: 3, text: 'd' });
  await store.flush();
  const expected = ['api a', 'web b', 'api c', 'web d'];
  expect(await readAll(store)).toEqual(expected);
  await store.dispose();
  const again = await reopened();
  expect(again.lines).toEqual(expected);
  await again.store.dispose();
});

test('a clock that goes back does not turn the lines of a service around', async () => {
  const store = await LogStore.open({ folder });
  for (const [secs, text] of [
    [10, 'a'],
    [11, 'b'],
    [5, 'c'],
    [6, 'd'],
    [12, 'e'],
  ] as const)
    write(store, { secs, text });
  await store.flush();
  expect(await readAll(store)).toEqual(['api a', 'api b', 'api c', 'api d', 'api e']);
  await store.dispose();
});

test('a million empty lines are a million lines', async () => {
  const store = await LogStore.open({ folder });
  const lane = store.lane({ service: 'api', number: 1 });
  const entry = lane.container('c1');
  const nothing = Buffer.alloc(0);
  for (let index = 0; index < 1_000_000; index++) {
    lane.append(entry, 0, 1, index, nothing, 0, 0);
    if (store.isCongested(lane)) await store.ready(lane);
  }
  await store.dispose();
  const { store: again, lines } = await reopened();
  expect(lines.length).toBe(1_000_000);
  expect(again.bytes).toBeLessThan(20_000_000);
  expect(again.lane({ service: 'api', number: 1 }).container('c1').last).toEqual({ secs: 1, nanos: 999_999 });
  await again.dispose();
});

test('a line of 10 MB and the lines around it survive', async () => {
  const store = await LogStore.open({ folder });
  const long = Buffer.alloc(10 * 1024 * 1024, 'abcdefgh');
  write(store, { secs: 1, text: 'before' });
  write(store, { secs: 2, text: long });
  write(store, { secs: 3, text: 'after' });
  await store.flush();
  const lines = await readAll(store);
  expect(lines.map((line) => line.length)).toEqual([
    'api before'.length,
    4 + long.length,
    'api after'.length,
  ]);
  expect(lines[1]?.slice(4)).toBe(long.toString('latin1'));
  await store.dispose();
});

test('a file cut at any byte of its last block opens, and loses nothing before it', async () => {
  const store = await LogStore.open({ folder });
  write(store, { secs: 1, text: 'kept' });
  await store.flush();
  const kept = store.bytes;
  write(store, { secs: 2, text: 'torn' });
  await store.dispose();
  const copy = `${folder}-copy`;
  await cp(folder, copy, { recursive: true });
  const name = path.join('s-api~1', '00000001.seg');
  const size = (await readFile(path.join(copy, name))).length;
  for (let at = kept; at < size; at++) {
    await cp(path.join(copy, name), path.join(folder, name));
    await truncate(path.join(folder, name), at);
    const { store: again, lines } = await reopened();
    expect(lines).toEqual(['api kept']);
    write(again, { secs: 3, text: 'new' });
    await again.flush();
    expect(await readAll(again)).toEqual(['api kept', 'api new']);
    await again.dispose();
  }
  await rm(copy, { recursive: true });
});

test('a changed byte anywhere in the last block is noticed', async () => {
  const store = await LogStore.open({ folder });
  write(store, { secs: 1, text: 'kept' });
  await store.flush();
  const kept = store.bytes;
  write(store, { secs: 2, text: 'torn' });
  await store.dispose();
  const file = path.join(folder, 's-api~1', '00000001.seg');
  const whole = await readFile(file);
  for (let at = kept; at < whole.length; at++) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ 0x55;
    await writeFile(file, damaged);
    const { store: again, lines } = await reopened();
    expect(lines).toEqual(['api kept']);
    await again.dispose();
  }
});

test('the oldest lines go when the budget is spent, and the bound holds', async () => {
  const budgetBytes = 2 * 1024 * 1024;
  const store = await LogStore.open({ folder, budgetBytes });
  for (let index = 0; index < 60_000; index++) {
    write(store, {
      service: index % 3 === 0 ? 'web' : 'api',
      secs: index,
      text: `line ${index} ${'x'.repeat(80)}`,
    });
    if (index % 500 === 0) await store.flush();
  }
  await store.flush();
  expect(store.bytes).toBeLessThanOrEqual(budgetBytes);
  const lines = await readAll(store);
  expect(lines.at(-1)).toContain('line 59999 ');
  expect(lines.length).toBeGreaterThan(10_000);
  expect(lines[0]).not.toContain('line 0 ');
  await store.dispose();
  expect(await sizeOnDisk()).toBeLessThan(budgetBytes * 1.1);
});

test('where each container left off is known after a restart, over many segments', async () => {
  const store = await LogStore.open({ folder, budgetBytes: 4 * 1024 * 1024 });
  write(store, { container: 'old', secs: 7, text: 'a' });
  write(store, { container: 'old', secs: 7, text: 'b' });
  for (let index = 0; index < 5000; index++) {
    write(store, { container: 'new', secs: 10 + index, text: 'x'.repeat(100) });
    if (index % 500 === 0) await store.flush();
  }
  await store.dispose();
  const { store: again } = await reopened();
  const lane = again.lane({ service: 'api', number: 1 });
  expect(lane.segments.length).toBeGreaterThan(2);
  expect(lane.container('old').last).toEqual({ secs: 7, nanos: 0 });
  expect(lane.container('old').count).toBe(2);
  expect(lane.container('new').last).toEqual({ secs: 5009, nanos: 0 });
  await again.dispose();
});

test('a second opener only reads, and sees what the writer adds', async () => {
  const writer = await LogStore.open({ folder });
  write(writer, { secs: 1, text: 'a' });
  await writer.flush();
  const reader = await LogStore.open({ folder });
  expect(reader.writable).toBe(false);
  expect(await readAll(reader)).toEqual(['api a']);
  write(writer, { secs: 2, text: 'b' });
  write(writer, { service: 'web', secs: 3, text: 'c' });
  await writer.flush();
  await reader.refresh();
  expect(await readAll(reader)).toEqual(['api a', 'api b', 'web c']);
  await reader.dispose();
  await writer.dispose();
});

test('a reader that is asked by several at once takes in each line once, and writes on behind it', async () => {
  // Of different lengths: a wrong place is then never by chance the beginning of another block.
  const text = (secs: number) => `line ${secs} ${'x'.repeat(secs * 7)}`;
  const first = await LogStore.open({ folder });
  write(first, { secs: 1, text: text(1) });
  await first.flush();
  const second = await LogStore.open({ folder });
  for (let secs = 2; secs < 40; secs++) {
    write(first, { secs, text: text(secs) });
    await first.flush();
    await Promise.all([second.refresh(), second.takeOver(), second.refresh(), second.refresh()]);
  }
  write(first, { secs: 40, text: text(40) });
  await first.dispose();
  await Promise.all([second.refresh(), second.takeOver(), second.refresh(), second.takeOver()]);
  write(second, { secs: 41, text: text(41) });
  await second.dispose();
  const { store, lines } = await reopened();
  expect(lines).toEqual(Array.from({ length: 41 }, (_, index) => `api ${text(index + 1)}`));
  await store.dispose();
});

test('a second opener goes on writing when the first is gone, and who reads it meanwhile misses nothing', async () => {
  const first = await LogStore.open({ folder });
  write(first, { secs: 1, text: 'a' });
  await first.flush();
  const second = await LogStore.open({ folder });
  expect(await second.takeOver()).toBe(false);
  write(first, { secs: 2, text: 'b' });
  write(first, { service: 'web', secs: 3, text: 'c' });
  await first.dispose();
  const file = path.join(folder, 's-web~1', '00000001.seg');
  await appendFile(file, Buffer.from('half a block'));
  expect(await second.takeOver()).toBe(true);
  expect(second.writable).toBe(true);
  write(second, { secs: 4, text: 'd' });
  write(second, { service: 'web', secs: 5, text: 'e' });
  await second.flush();
  expect(await readAll(second)).toEqual(['api a', 'api b', 'web c', 'api d', 'web e']);
  await second.dispose();
  const { store, lines } = await reopened();
  expect(lines).toEqual(['api a', 'api b', 'web c', 'api d', 'web e']);
  await store.dispose();
});

test('names that file systems confuse stay apart', async () => {
  const store = await LogStore.open({ folder });
  for (const service of ['api', 'API', 'con', '', 'a_b.c-d'])
    write(store, { service, secs: 1, text: service });
  await store.flush();
  const folders = (await readdir(folder)).filter((name) => name.startsWith('s-'));
  expect(new Set(folders.map((name) => name.toLowerCase())).size).toBe(5);
  await store.dispose();
  const { store: again } = await reopened();
  expect(again.lanes.map((lane) => lane.key.service)).toEqual(['', 'API', 'a_b.c-d', 'api', 'con']);
  await again.dispose();
});

test.runIf(process.platform === 'linux')(
  'a full disk loses nothing: writers wait, and go on when there is room',
  async () => {
    const store = await LogStore.open({ folder });
    const file = path.join(folder, 's-api~1', '00000001.seg');
    await mkdir(path.dirname(file));
    await symlink('/dev/full', file);
    write(store, { secs: 1, text: 'kept in memory' });
    await store.flush();
    await eventually(() => store.writeFailure !== undefined);
    expect(await readAll(store)).toEqual(['api kept in memory']);
    await rm(file);
    await eventually(() => store.writeFailure === undefined);
    write(store, { secs: 2, text: 'after' });
    await store.dispose();
    const again = await reopened();
    expect(again.lines).toEqual(['api kept in memory', 'api after']);
    await again.store.dispose();
  },
);

test('where the folder of a service cannot be made yet, its lines are kept, and written once it can', async () => {
  const store = await LogStore.open({ folder });
  const inTheWay = path.join(folder, 's-api~1');
  await writeFile(inTheWay, '');
  write(store, { secs: 1, text: 'kept in memory' });
  await store.flush();
  await eventually(() => store.writeFailure !== undefined);
  expect(await readAll(store)).toEqual(['api kept in memory']);
  await rm(inTheWay);
  await eventually(() => store.writeFailure === undefined);
  await store.dispose();
  const again = await reopened();
  expect(again.lines).toEqual(['api kept in memory']);
  await again.store.dispose();
});

test('a writer killed under load leaves a store that opens, without gaps and with all but the last moment', async () => {
  for (let round = 0; round < 5; round++) {
    const child = spawn(
      process.execPath,
      [path.join(import.meta.dirname, 'killedWriter.fixture.ts'), folder, String(round)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const told = await linesToldBy(child, 20_000 + round * 7_001);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { store, lines } = await reopened();
    expect(store.writable).toBe(true);
    const numbers = lines
      .filter((line) => line.startsWith(`api ${round} `))
      .map((line) => Number(line.split(' ')[2]));
    expect(numbers).toEqual(numbers.map((_, index) => index));
    expect(numbers.length).toBeGreaterThanOrEqual(told);
    await store.dispose();
  }
}, 60_000);

/** The child says how many lines it has flushed; resolves once they are enough. */
async function linesToldBy(child: ChildProcess, enough: number): Promise<number> {
  let told = 0;
  for await (const chunk of child.stdout ?? []) {
    told = Number(String(chunk).trim().split('\n').at(-1));
    if (told >= enough) break;
  }
  return told;
}

async function sizeOnDisk(): Promise<number> {
  let size = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) size += (await readFile(path.join(entry.parentPath, entry.name))).length;
  }
  return size;
}
