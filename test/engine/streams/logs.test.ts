import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ContainerId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';
import type { LogContainer } from '#streams/logFeed.ts';
import { LogStore } from '#streams/logStore/logStore.ts';
import { eventually } from '#support/eventually.ts';
import { failOnLeaks } from '#support/leaks.ts';
import { openTestEngine } from '#support/realEngine.ts';
import { type Collecting, collect, linesOf } from './collecting.ts';

let engine: Engine;
let folder: string;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine.close());
const scope = failOnLeaks('logs', () => engine);
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'slipway-logs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Writer {
  readonly script: string;
  readonly tty?: boolean;
  readonly driver?: string;
}

async function create({ script, tty = false, driver = 'json-file' }: Writer): Promise<ContainerId> {
  const name = `${scope.prefix}-${randomUUID().slice(0, 6)}`;
  const HostConfig = { LogConfig: { Type: driver }, Init: true };
  const body = { Image: 'busybox', Cmd: ['sh', '-c', script], Tty: tty, Labels: scope.labels, HostConfig };
  return (await engine.createContainer({ name, body })).id;
}

async function described(id: ContainerId, service = 'api'): Promise<LogContainer> {
  const { tty, logDriver, state, startedAt } = await engine.inspectContainer(id);
  return { id, service, number: 1, tty, logDriver, state, startedAt };
}

/** The journal is read where the machine has one that runs. */
const hasJournal = existsSync('/run/systemd/journal/socket');

test.each(['json-file', 'local', ...(hasJournal ? ['journald'] : [])])(
  'what was written while nobody looked comes once, by the %s driver',
  async (driver) => {
    const id = await create({
      driver,
      script:
        'i=0; while [ $i -lt 3000 ]; do echo "line $i"; i=$((i+1)); [ $((i%100)) = 0 ] && sleep 0.02; done; sleep 1000',
    });
    await engine.startContainer(id);
    const seen = async (collecting: Collecting, count: number) =>
      eventually(async () => (await collecting.lines()).length >= count);
    for (const count of [200, 900, 3000]) {
      const collecting = await collect({ engine, folder });
      collecting.collector.sync([await described(id)]);
      await seen(collecting, count);
      await collecting.close();
    }
    const store = await LogStore.open({ folder });
    expect(await linesOf(store)).toEqual(Array.from({ length: 3000 }, (_, index) => `stdout line ${index}`));
    await store.dispose();
    await engine.removeContainer(id, { force: true });
  },
);

test('a container that logs and dies at once has all its lines, each time it runs', async () => {
  const id = await create({ script: 'echo out; echo err >&2; exit 3' });
  const collecting = await collect({ engine, folder });
  for (let run = 1; run <= 5; run++) {
    await engine.startContainer(id);
    await engine.waitContainer(id);
    collecting.collector.sync([await described(id)]);
    await eventually(async () => (await collecting.lines()).length === run * 2);
  }
  const lines = await collecting.lines();
  expect(lines.toSorted()).toEqual([...Array(5).fill('stderr err'), ...Array(5).fill('stdout out')]);
  await collecting.close();
  await engine.removeContainer(id, { force: true });
});

test('lines of a removed container stay, and those of its successor follow', async () => {
  const collecting = await collect({ engine, folder });
  for (const name of ['first', 'second']) {
    const id = await create({ script: `echo ${name}; sleep 1000` });
    await engine.startContainer(id);
    collecting.collector.sync([await described(id)]);
    await eventually(async () => (await collecting.lines()).at(-1) === `stdout ${name}`);
    await engine.removeContainer(id, { force: true });
    collecting.collector.sync([]);
  }
  expect(await collecting.lines()).toEqual(['stdout first', 'stdout second']);
  await collecting.close();
});

test('hostile output is kept byte for byte: long lines, no text, terminals', async () => {
  const long = 'head -c 10485760 /dev/zero | tr "\\0" x; echo; ';
  const script = `${long} printf 'a\\000b\\377\\303(\\033]0;t\\007\\n'; printf '10%%\\r20%%\\n'; head -c 90000 /dev/zero | tr '\\0' y; echo; echo end`;
  for (const tty of [false, true]) {
    // json-file stores text, and replaces what is no UTF-8; the local driver keeps bytes, but loses ends of long lines,
    // which nothing tells from text on a terminal.
    const id = await create({ script, tty, driver: tty ? 'json-file' : 'local' });
    await engine.startContainer(id);
    await engine.waitContainer(id);
    const collecting = await collect({ engine, folder });
    collecting.collector.sync([await described(id, tty ? 'tty' : 'plain')]);
    const kind = tty ? 'tty' : 'stdout';
    const mine = async () => (await collecting.lines()).filter((line) => line.startsWith(`${kind} `));
    await eventually(async () => (await mine()).length === 5, { limitMs: 30_000 });
    const lines = (await mine()).map((line) => line.slice(kind.length + 1).replace(/\r$/, ''));
    expect(lines[0]?.length).toBe(10_485_760);
    expect(lines[0]).toMatch(/^x+$/);
    const broken = tty ? '\u00ef\u00bf\u00bd'.repeat(2) : '\u00ff\u00c3';
    expect(lines.slice(1, 3)).toEqual([`a\0b${broken}(\u001b]0;t\u0007`, '10%\r20%']);
    expect(lines[3]).toBe('y'.repeat(90_000));
    expect(lines[4]).toBe('end');
    await collecting.close();
    await engine.removeContainer(id, { force: true });
  }
});

test('a driver that cannot be read says so, once', async () => {
  const id = await create({ driver: 'none', script: 'echo lost; sleep 1000' });
  await engine.startContainer(id);
  for (let start = 0; start < 2; start++) {
    const collecting = await collect({ engine, folder });
    collecting.collector.sync([await described(id)]);
    await eventually(async () => (await collecting.lines()).length === 1);
    await collecting.close();
  }
  await engine.removeContainer(id, { force: true });
});

test('a flood in one service does not hold up another, and loses nothing', async () => {
  const flood = await create({ script: 'seq 1 300000; sleep 1000' });
  const quiet = await create({ script: 'while true; do echo "tick $(date +%s%N)"; sleep 0.2; done' });
  await engine.startContainer(quiet);
  const collecting = await collect({ engine, folder });
  await engine.startContainer(flood);
  collecting.collector.sync([await described(flood, 'flood'), await described(quiet, 'quiet')]);
  const rows = (service: string) =>
    collecting.store.lanes
      .filter(({ key }) => key.service === service)
      .flatMap(({ segments }) => segments)
      .reduce((sum, { rows }) => sum + rows, 0);
  await eventually(() => rows('quiet') > 3 && rows('flood') > 300_000, { limitMs: 60_000 });
  const lines = await collecting.lines();
  const numbers = lines.filter((line) => /^stdout \d+$/.test(line)).map((line) => Number(line.slice(7)));
  expect(numbers).toEqual(Array.from({ length: 300_000 }, (_, index) => index + 1));
  await collecting.close();
  for (const id of [flood, quiet]) await engine.removeContainer(id, { force: true });
}, 90_000);
