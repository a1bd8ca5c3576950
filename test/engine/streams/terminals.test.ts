import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ByteChannel } from '#base/byteChannel.ts';
import { systemClock } from '#base/clock.ts';
import { memoryPipes } from '#base/messagePipe.ts';
import { pipeChannel } from '#base/pipeChannel.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';
import { type OpenTerminal, TerminalSessions } from '#streams/terminals/terminalSessions.ts';
import { TOOLBOX_LABEL } from '#streams/terminals/toolbox.ts';
import { eventually } from '#support/eventually.ts';
import { failOnLeaks } from '#support/leaks.ts';
import { openTestEngine } from '#support/realEngine.ts';

let engine: Engine;
let sessions: TerminalSessions;
beforeAll(async () => {
  engine = await openTestEngine();
  sessions = new TerminalSessions({ engine: () => engine, clock: systemClock, newId: randomUUID });
});
afterAll(() => engine.close());
const scope = failOnLeaks('terminals', () => engine);

async function withContainer(
  body: { readonly Cmd: readonly string[]; readonly [field: string]: unknown },
  work: (id: ContainerId) => Promise<void>,
): Promise<void> {
  const name = `${scope.prefix}-${randomUUID().slice(0, 6)}`;
  const { id } = await engine.createContainer({
    name,
    body: { Image: 'busybox', Labels: scope.labels, HostConfig: { Init: true }, ...body },
  });
  try {
    await engine.startContainer(id);
    await work(id);
  } finally {
    await sessions.closeAll();
    await engine.removeContainer(id, { force: true });
  }
}

const SLEEP = { Cmd: ['sleep', '1000'] };

function open(container: ContainerId, more: Partial<OpenTerminal> = {}) {
  return sessions.open({
    workspace: 'w',
    service: 's',
    container,
    kind: 'shell',
    columns: 90,
    rows: 25,
    ...more,
  });
}

interface Viewer {
  readonly channel: ByteChannel;
  readonly controls: { readonly type: string }[];
  text(): string;
  size(): number;
  type(text: string): void;
}

function view(session: string, { columns = 90, rows = 25, acknowledge = true } = {}): Viewer {
  const [core, own] = memoryPipes();
  const channel = pipeChannel(own);
  const chunks: Uint8Array[] = [];
  const controls: { readonly type: string }[] = [];
  channel.onData((bytes) => {
    chunks.push(bytes);
    if (acknowledge) channel.control({ type: 'ack', bytes: bytes.length });
  });
  channel.onControl((message) => controls.push(message as { type: string }));
  void sessions.serve({ session, columns, rows }, pipeChannel(core));
  return {
    channel,
    controls,
    text: () => Buffer.concat(chunks).toString(),
    size: () => chunks.reduce((sum, chunk) => sum + chunk.length, 0),
    type: (text) => channel.send(Buffer.from(text)),
  };
}

async function commands(id: ContainerId): Promise<string[]> {
  return (await engine.top(id)).rows
    .map((row) => row.at(-1) ?? '')
    .filter((command) => !/sleep 1000|init/.test(command));
}

test('a shell is found without trying, has the size it was opened with, and ends when it is closed', () =>
  withContainer(SLEEP, async (id) => {
    const { id: session, kind, title } = await open(id);
    expect([kind, title]).toEqual(['shell', 'ash']);
    const viewer = view(session);
    viewer.type('stty size; echo $TERM $COLORTERM; sleep 500 &\r');
    await eventually(
      () => viewer.text().includes('25 90') && viewer.text().includes('xterm-256color truecolor'),
    );
    expect(viewer.text()).not.toMatch(/not found|no such/i);
    expect(await commands(id)).toContain('sleep 500');
    await sessions.close(session);
    expect(await commands(id)).toEqual([]);
    await eventually(() => viewer.controls.some(({ type }) => type === 'end'));
  }));

test('resizing reaches the program', () =>
  withContainer(SLEEP, async (id) => {
    const { id: session } = await open(id);
    const viewer = view(session);
    viewer.channel.control({ type: 'resize', columns: 133, rows: 44 });
    await eventually(() => {
      viewer.type('stty size\r');
      return viewer.text().includes('44 133');
    });
  }));

test('a session outlives its viewers, and a new one sees what was missed', () =>
  withContainer(SLEEP, async (id) => {
    const { id: session } = await open(id);
    const first = view(session);
    first.type('echo begin-$((40+2)); cd /tmp\r');
    await eventually(() => first.text().includes('begin-42'));
    first.channel.close();
    const second = view(session);
    await eventually(
      () => second.text().includes('begin-42') && second.controls.some(({ type }) => type === 'live'),
    );
    await eventually(() => sessions.list()[0]?.workingDir === '/tmp');
    second.type('exit 7\r');
    await eventually(() =>
      second.controls.some((control) => 'exitCode' in control && control.exitCode === 7),
    );
    expect(sessions.list()[0]?.exitCode).toBe(7);
    const third = view(session);
    await eventually(() => third.controls.some(({ type }) => type === 'exited'));
    expect(third.text()).toContain('begin-42');
  }));

test('a flood waits for a viewer that does not acknowledge, and twenty reconnects in it lose nothing', () =>
  withContainer(SLEEP, async (id) => {
    const lines = 100_000;
    const { id: session } = await open(id, { kind: 'command', command: ['seq', '1', String(lines)] });
    const stalled = view(session, { acknowledge: false });
    await eventually(() => stalled.size() > 256 * 1024);
    const held = stalled.size();
    expect(held).toBeLessThanOrEqual(256 * 1024 + 64 * 1024);
    for (let round = 0; round < 20; round++) {
      const viewer = view(session, { acknowledge: false });
      await eventually(() => viewer.size() > 0);
      viewer.channel.close();
    }
    stalled.channel.onData((bytes) => stalled.channel.control({ type: 'ack', bytes: bytes.length }));
    stalled.channel.control({ type: 'ack', bytes: held });
    await eventually(() => stalled.controls.some(({ type }) => type === 'exited'), { limitMs: 30_000 });
    const numbers = stalled.text().trim().split('\r\n').map(Number);
    expect(numbers).toEqual(Array.from({ length: lines }, (_, index) => index + 1));
  }));

test(
  'a paste of 10 MB arrives whole',
  () =>
    withContainer(SLEEP, async (id) => {
      const bytes = 10 * 1024 * 1024;
      const script = `stty raw -echo; echo ready; head -c ${bytes} | md5sum`;
      const { id: session } = await open(id, { kind: 'command', command: ['sh', '-c', script] });
      const viewer = view(session);
      await eventually(() => viewer.text().includes('ready'));
      const paste = Buffer.alloc(bytes, 'emoji 😀 漢字 paste\n');
      viewer.channel.send(paste);
      const { createHash } = await import('node:crypto');
      const sum = createHash('md5').update(paste).digest('hex');
      await eventually(() => viewer.text().includes(sum), { limitMs: 60_000 });
    }),
  90_000,
);

test('process 1 can be attached to where it has a terminal', () =>
  withContainer({ Cmd: ['sh'], Tty: true, OpenStdin: true }, async (id) => {
    const { id: session } = await open(id, { kind: 'attach' });
    const viewer = view(session);
    await eventually(() => {
      viewer.type('echo one-$$\r');
      return /one-\d/.test(viewer.text());
    });
    await sessions.close(session);
    expect((await engine.inspectContainer(id)).state).toBe('running');
  }));

test('a container without a shell gets a toolbox, which goes with its last session', async () => {
  // An image of one static file: busybox as `/sleep`, no shell anywhere.
  const image = `${scope.prefix}-scratch`;
  await buildShellless(image);
  try {
    await withContainer(
      { Image: image, Cmd: [], Entrypoint: ['/sleep', '1000'], HostConfig: {} } as never,
      async (id) => {
        const first = await open(id);
        const second = await open(id, { kind: 'toolbox' });
        expect([first.kind, second.kind]).toEqual(['toolbox', 'toolbox']);
        const viewer = view(first.id);
        viewer.type('ls; cat /proc/1/cmdline | tr "\\0" " "; hostname\r');
        await eventually(() => viewer.text().includes('/sleep 1000') && viewer.text().includes('only-here'));
        const boxes = () => engine.listContainers({ all: true, labels: [`${TOOLBOX_LABEL}=${id}`] });
        expect((await boxes()).length).toBe(1);
        await sessions.close(first.id);
        expect((await boxes()).length).toBe(1);
        await sessions.close(second.id);
        expect(await boxes()).toEqual([]);
      },
    );
  } finally {
    await engine.removeImage(image, { force: true });
  }
});

async function buildShellless(image: string): Promise<void> {
  const { pack } = await import('tar-stream');
  const tar = pack();
  tar.entry({ name: 'only-here' }, 'x');
  tar.entry(
    { name: 'Dockerfile' },
    'FROM busybox AS b\nFROM scratch\nCOPY --from=b /usr/bin/busybox /sleep\nCOPY only-here /only-here\n',
  );
  tar.finalize();
  await engine.buildImage({
    context: tar as AsyncIterable<Uint8Array>,
    dockerfile: 'Dockerfile',
    tags: [image],
    builder: 'classic',
  });
}
