import { expect, test } from 'vitest';
import type { ContainerId } from '#contract/ids.ts';
import { TOOLBOX_LABEL } from '#streams/terminals/toolbox.ts';
import { eventually } from '#support/eventually.ts';
import { openIn, terminalWorld, viewOf, withContainer as withContainerOf } from './terminalWorld.ts';

const world = terminalWorld('terminals');
const { scope } = world;
type Body = Parameters<typeof withContainerOf>[1];
const withContainer = (body: Body, work: (id: ContainerId) => Promise<void>) =>
  withContainerOf(world, body, work);
const open = (id: ContainerId, more: Parameters<typeof openIn>[2] = {}) => openIn(world, id, more);
const view = (session: string, more: Parameters<typeof viewOf>[2] = {}) => viewOf(world, session, more);
const SLEEP = { Cmd: ['sleep', '1000'] };

async function commands(id: ContainerId): Promise<string[]> {
  return (await world.engine.top(id)).rows
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
    // A shell's child is the shell itself until it has become its program.
    await eventually(async () => (await commands(id)).includes('sleep 500'));
    await world.sessions.close(session);
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
    await eventually(() => world.sessions.list()[0]?.workingDir === '/tmp');
    second.type('exit 7\r');
    await eventually(() =>
      second.controls.some((control) => 'exitCode' in control && control.exitCode === 7),
    );
    expect(world.sessions.list()[0]?.exitCode).toBe(7);
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
    await world.sessions.close(session);
    expect((await world.engine.inspectContainer(id)).state).toBe('running');
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
        expect(viewer.text()).toContain('/proc/1/root # ');
        expect(viewer.text()).not.toContain('getcwd');
        const boxes = () => world.engine.listContainers({ all: true, labels: [`${TOOLBOX_LABEL}=${id}`] });
        expect((await boxes()).length).toBe(1);
        await world.sessions.close(first.id);
        expect((await boxes()).length).toBe(1);
        await world.sessions.close(second.id);
        expect(await boxes()).toEqual([]);
      },
    );
  } finally {
    await world.engine.removeImage(image, { force: true });
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
  await world.engine.buildImage({
    context: tar as AsyncIterable<Uint8Array>,
    dockerfile: 'Dockerfile',
    tags: [image],
    builder: 'classic',
  });
}
