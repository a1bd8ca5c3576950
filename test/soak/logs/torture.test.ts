import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ContainerId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';
import type { LogContainer } from '#streams/logFeed.ts';
import { eventually } from '#support/eventually.ts';
import { failOnLeaks } from '#support/leaks.ts';
import { openTestEngine } from '#support/realEngine.ts';
import { type Collecting, collect } from '../../engine/streams/collecting.ts';
import { mountLoopDisk, unmountBelow } from '../../support/privateEngine/loopDisk.ts';

/** The torture list in full size, each against a real engine. DEATHS: how often the short-lived container runs. */
const DEATHS = Number(process.env['DEATHS'] ?? 1000);
const LIMIT_MS = 240_000;
/** The process may grow by so much, whatever a container writes. */
const GROWTH_BYTES = 250 * 1024 * 1024;

let engine: Engine;
let folder: string;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine.close());
const scope = failOnLeaks('torture', () => engine);
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'slipway-torture-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Writer {
  readonly script: string;
  readonly tty?: boolean;
  readonly log?: { readonly Type: string; readonly Config?: Readonly<Record<string, string>> };
}

/** Runs a container to its end, hands it over, and removes it. */
async function withWriter<T>(
  { script, tty = false, log = { Type: 'json-file' } }: Writer,
  work: (id: ContainerId) => Promise<T>,
): Promise<T> {
  const name = `${scope.prefix}-${randomUUID().slice(0, 6)}`;
  const body = {
    ...{ Image: 'busybox', Cmd: ['sh', '-c', script], Tty: tty, Labels: scope.labels },
    HostConfig: { LogConfig: log, Init: true },
  };
  const { id } = await engine.createContainer({ name, body });
  try {
    return await work(id);
  } finally {
    await engine.removeContainer(id, { force: true });
  }
}

async function described(id: ContainerId): Promise<LogContainer> {
  const { tty, logDriver, state, startedAt } = await engine.inspectContainer(id);
  return { id, service: 'api', number: 1, tty, logDriver, state, startedAt };
}

async function withStore(work: (collecting: Collecting) => Promise<void>): Promise<void> {
  const collecting = await collect({ engine, folder });
  try {
    await work(collecting);
  } finally {
    await collecting.close();
  }
}

/** Everything that one container writes to its end, as stored: `kind text`. */
async function stored(writer: Writer): Promise<readonly string[]> {
  let lines: readonly string[] = [];
  await withWriter(writer, (id) =>
    withStore(async (collecting) => {
      await engine.startContainer(id);
      collecting.collector.sync([await described(id)]);
      await engine.waitContainer(id);
      collecting.collector.sync([await described(id)]);
      await eventually(() => collecting.collector.isIdle, { limitMs: LIMIT_MS });
      lines = await collecting.lines();
    }),
  );
  return lines;
}

function md5(parts: Iterable<Buffer | string>): string {
  const sum = createHash('md5');
  for (const part of parts) sum.update(part);
  return sum.digest('hex');
}

test(`a container that logs and dies at once ${DEATHS} times has every line of each of its lives`, async () => {
  const script =
    'n=$(cat /n 2>/dev/null || echo 0); n=$((n+1)); echo $n > /n; echo "out $n"; echo "err $n" >&2; exit 3';
  await withWriter({ script }, (id) =>
    withStore(async (collecting) => {
      for (let life = 0; life < DEATHS; life++) {
        await engine.startContainer(id);
        collecting.collector.sync([await described(id)]);
        await engine.waitContainer(id);
      }
      collecting.collector.sync([await described(id)]);
      await eventually(() => collecting.collector.isIdle, { limitMs: LIMIT_MS });
      const lines = (await collecting.lines()).filter((line) => !line.startsWith('marker'));
      const numbers = Array.from({ length: DEATHS }, (_, index) => index + 1);
      for (const [kind, word] of [
        ['stdout', 'out'],
        ['stderr', 'err'],
      ])
        expect(lines.filter((line) => line.startsWith(`${kind} `))).toEqual(
          numbers.map((number) => `${kind} ${word} ${number}`),
        );
    }),
  );
});

test('a million empty lines are a million lines', async () => {
  const lines = await stored({ script: `yes '' | head -n 1000000` });
  expect(lines).toHaveLength(1_000_000);
  expect(lines.every((line) => line === 'stdout ')).toBe(true);
});

test('lines of 90 KB and 10 MB come whole, and so do those around them', async () => {
  const long = (bytes: number) => `head -c ${bytes} /dev/zero | tr '\\0' x; echo; `;
  const lines = await stored({ script: `echo first; ${long(90_000)}${long(10_485_760)}echo last` });
  expect(lines.map(({ length }) => length - 'stdout '.length)).toEqual([5, 90_000, 10_485_760, 4]);
});

test('`yes` for as long as one likes: every line is there, and the process stays small', async () => {
  const before = process.memoryUsage().rss;
  let most = 0;
  await withWriter({ script: 'yes | head -n 5000000' }, (id) =>
    withStore(async ({ collector, store }) => {
      await engine.startContainer(id);
      collector.sync([await described(id)]);
      const rows = () =>
        store.lanes.flatMap(({ segments }) => segments).reduce((sum, segment) => sum + segment.rows, 0);
      await eventually(
        () => {
          most = Math.max(most, process.memoryUsage().rss);
          return rows() > 5_000_000;
        },
        { limitMs: LIMIT_MS },
      );
      await engine.waitContainer(id);
      collector.sync([await described(id)]);
      await eventually(() => collector.isIdle, { limitMs: LIMIT_MS });
      await store.flush();
      // One row of each segment is the lane's own: which container writes here.
      const segments = store.lanes.reduce((sum, lane) => sum + lane.segments.length, 0);
      expect(rows()).toBe(5_000_000 + segments);
    }),
  );
  expect(most - before).toBeLessThan(GROWTH_BYTES);
});

test('random bytes are stored as the engine hands them over', async () => {
  const script = 'head -c 20000000 /dev/urandom | tee /copy; echo; md5sum /copy >&2';
  const lines = await stored({ script, log: { Type: 'local' } });
  const told = lines
    .find((line) => line.startsWith('stderr '))
    ?.slice('stderr '.length, 'stderr '.length + 32);
  const text = lines.filter((line) => line.startsWith('stdout ')).map((line) => line.slice('stdout '.length));
  expect(md5([Buffer.from(text.join('\n'), 'latin1')])).toBe(told);
});

test('ten thousand carriage returns a second are one line, whose end comes', async () => {
  const script = `awk 'BEGIN { for (t = 0; t < 20; t++) { for (i = 0; i < 1000; i++) printf "%d%%\\r", t * 1000 + i; fflush(); system("sleep 0.1") } print "done" }'`;
  const lines = await stored({ script, tty: true });
  expect(lines).toHaveLength(1);
  expect(lines[0]?.replaceAll('\r\r', '\r')).toMatch(/^tty 0%\r1%\r.*\r19999%\rdone\r?$/s);
});

test('sequences that mean harm are kept as they are, and end with their line', async () => {
  const bombs = [
    '\\033]0;title\\007',
    '\\033]52;c;aGk=\\007',
    '\\033[9999999999999;1m',
    '\\033P$q',
    '\\033]8;;',
  ];
  const script = bombs.map((bomb) => `printf '${bomb}text\\n'`).join('; ');
  const lines = await stored({ script });
  expect(lines).toHaveLength(bombs.length);
  expect(lines.every((line) => line.endsWith('text'))).toBe(true);
});

test.each([
  ['none', {}],
  ['syslog', { 'syslog-address': 'udp://127.0.0.1:5514', 'cache-disabled': 'true' }],
])('the %s driver cannot be read: that is said, in words and once', async (Type, Config) => {
  const lines = await stored({ script: 'echo lost', log: { Type, Config } });
  expect(lines).toEqual([`marker ${JSON.stringify({ type: 'unreadable', driver: Type })}`]);
});

test('a driver that keeps a copy for readers is read', async () => {
  const log = { Type: 'syslog', Config: { 'syslog-address': 'udp://127.0.0.1:5514' } };
  expect(await stored({ script: 'echo found', log })).toEqual(['stdout found']);
});

test.runIf(process.platform === 'linux' && process.getuid?.() === 0)(
  'the disk of the store is full: the container is read later, and nothing is lost',
  async () => {
    const disk = path.join(folder, 'disk');
    await mkdir(disk);
    mountLoopDisk({ folder: disk, image: path.join(folder, 'image'), sizeMiB: 32 });
    const store = path.join(disk, 'store');
    const ballast = path.join(disk, 'ballast');
    try {
      await mkdir(store);
      await filled(ballast);
      await withWriter({ script: 'seq 1 200000' }, async (id) => {
        const collecting = await collect({ engine, folder: store });
        await engine.startContainer(id);
        await engine.waitContainer(id);
        collecting.collector.sync([await described(id)]);
        await eventually(() => collecting.store.writeFailure !== undefined, { limitMs: LIMIT_MS });
        await rm(ballast);
        await eventually(() => collecting.collector.isIdle, { limitMs: LIMIT_MS });
        const lines = await collecting.lines();
        expect(lines).toEqual(Array.from({ length: 200_000 }, (_, index) => `stdout ${index + 1}`));
        await collecting.close();
      });
    } finally {
      unmountBelow(folder);
    }
  },
);

/** Fills the disk below it to the last block: not even a folder can be made there. */
async function filled(file: string): Promise<void> {
  const child: ChildProcess = spawn('dd', ['if=/dev/zero', `of=${file}`, 'bs=4k'], { stdio: 'ignore' });
  await new Promise((resolve) => child.once('exit', resolve));
}
