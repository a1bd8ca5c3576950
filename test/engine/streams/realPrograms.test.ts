import { beforeAll, expect, test } from 'vitest';
import { eventually } from '#support/eventually.ts';
import { needImages } from '#support/world.ts';
import { openIn, terminalWorld, type Viewer, viewOf, withContainer } from './terminalWorld.ts';

/** Terminals are proved by the programs that ask the most of them. */
const world = terminalWorld('programs');
const SCREEN = { Image: 'slipway/screen-programs:1', Cmd: ['sleep', '1000'], Env: ['LANG=C.UTF-8'] };
const PROGRAM_LIMIT_MS = 60_000;
const IMAGES = ['slipway/screen-programs:1', 'python:3.11', 'postgres:15'];
beforeAll(async () => {
  await needImages(...IMAGES);
  for (const reference of IMAGES) {
    if ((await world.engine.inspectImage(reference)) === undefined)
      await world.engine.pullImage({ reference });
  }
});

const ALTERNATE_SCREEN_ON = '\x1b[?1049h';
const ALTERNATE_SCREEN_OFF = '\x1b[?1049l';

/** A shell in a container of this body, and what is seen in it. */
async function inShell(body: Parameters<typeof withContainer>[1], work: (viewer: Viewer) => Promise<void>) {
  await withContainer(world, body, async (id) => {
    const { id: session } = await openIn(world, id);
    const viewer = viewOf(world, session);
    await shows(viewer, /[#$] $/);
    await work(viewer);
  });
}

async function shows(viewer: Viewer, wanted: string | RegExp): Promise<void> {
  const seen = () =>
    typeof wanted === 'string' ? viewer.text().includes(wanted) : wanted.test(viewer.text());
  await eventually(seen, { limitMs: PROGRAM_LIMIT_MS }).catch((thrown: unknown) => {
    throw new Error(`not seen: ${wanted}\n${JSON.stringify(viewer.text().slice(-1500))}`, { cause: thrown });
  });
}

/** Types, and waits for what only its answer can bring. */
async function answers(viewer: Viewer, typed: string, wanted: string | RegExp): Promise<void> {
  viewer.type(typed);
  await shows(viewer, wanted);
}

test('vim takes the screen over, follows its size, writes what was typed, and gives the screen back', () =>
  inShell(SCREEN, async (viewer) => {
    await answers(viewer, 'vim.tiny /tmp/note\r', ALTERNATE_SCREEN_ON);
    viewer.channel.control({ type: 'resize', columns: 100, rows: 31 });
    await shows(viewer, '\x1b[31;'); // the ruler, on the last row there is now
    await answers(viewer, 'ihello 漢字 😀 e\u0301\x1b', '漢字 😀');
    await answers(viewer, ':wq\r', ALTERNATE_SCREEN_OFF);
    await answers(viewer, 'wc -c < /tmp/note; echo [$(cat /tmp/note)]\r', '[hello 漢字 😀 e\u0301]');
  }));

test('top redraws in its place and ends; less pages through and ends', () =>
  inShell(SCREEN, async (viewer) => {
    await answers(viewer, 'top -d 0.5\r', /load average[\s\S]*\x1b\[H[\s\S]*load average/);
    await answers(viewer, 'q', /[#$] $/);
    await answers(viewer, 'seq 1 5000 | less; echo left-less-$?\r', '\r\n20');
    expect(viewer.text()).not.toContain('4999');
    await answers(viewer, 'G', '4999');
    await answers(viewer, 'q', 'left-less-0');
  }));

test('jobs are controlled, Ctrl-C and Ctrl-D do what they do, and a bracketed paste waits for Enter', () =>
  inShell(SCREEN, async (viewer) => {
    // The shell gives the terminal to what it starts a moment after the echo: a key before that is nobody's.
    await answers(viewer, 'bash -c "echo up-$((1+1)); exec sleep 321"\r', 'up-2');
    await answers(viewer, '\x1a', 'Stopped');
    await answers(viewer, 'fg\r', /fg\r\n[\s\S]*sleep 321/);
    await answers(viewer, '\x03', '^C');
    await answers(viewer, 'echo interrupted-$?\r', 'interrupted-130');
    await shows(viewer, '\x1b[?2004h');
    viewer.type('\x1b[200~echo one-$((1+1))\necho two-$((2+2))\n\x1b[201~');
    await shows(viewer, 'echo two-$((2+2))');
    expect(viewer.text()).not.toContain('one-2');
    await answers(viewer, '\r', /one-2\r\n[\s\S]*two-4/);
    viewer.type('\x04');
    await eventually(() => viewer.controls.some(({ type }) => type === 'exited'));
  }));

test('after many sizes at once the last one holds', () =>
  inShell(SCREEN, async (viewer) => {
    for (let step = 0; step < 40; step++)
      viewer.channel.control({ type: 'resize', columns: 60 + step, rows: 20 + (step % 7) });
    viewer.channel.control({ type: 'resize', columns: 123, rows: 45 });
    await eventually(() => {
      viewer.type('stty size\r');
      return viewer.text().includes('45 123');
    });
  }));

test('wide, combined and emoji input arrives as it was typed', () =>
  inShell(SCREEN, async (viewer) => {
    const typed = '日本語 👩‍👩‍👧‍👦 n\u0303 Ω';
    await answers(
      viewer,
      'IFS= read -r -p "type"": " line; echo "$(printf %s "$line" | wc -m) <$line>"\r',
      /type: $/,
    );
    // As an input method commits it: all at once, and cut anywhere on the way.
    const bytes = Buffer.from(`${typed}\r`);
    for (let at = 0; at < bytes.length; at += 5) viewer.channel.send(bytes.subarray(at, at + 5));
    await shows(viewer, `${[...typed].length} <${typed}>`);
  }));

test('the prompt of Python answers, is interrupted, and ends', () =>
  withContainer(world, { Image: 'python:3.11', Cmd: ['sleep', '1000'] }, async (id) => {
    const { id: session } = await openIn(world, id, { kind: 'command', command: ['python3'] });
    const viewer = viewOf(world, session);
    await shows(viewer, '>>> ');
    await answers(viewer, 'print(6 * 7)\r', /\r\n42\r\n/);
    await answers(viewer, 'while True: pass\r\r', '... ');
    await answers(viewer, '\x03', /KeyboardInterrupt\r\n>>> $/);
    viewer.type('\x04');
    await eventually(() => viewer.controls.some(({ type }) => type === 'exited'));
  }));

test('the prompt of psql answers, completes and pages', () => {
  const body = { Image: 'postgres:15', Cmd: ['postgres'], Env: ['POSTGRES_PASSWORD=secret'] };
  return withContainer(world, body, async (id) => {
    const ready = () =>
      world.engine.exec(id, { command: ['pg_isready', '-h', '127.0.0.1', '-U', 'postgres'] });
    await eventually(async () => (await ready()).exitCode === 0, { limitMs: PROGRAM_LIMIT_MS });
    const command = ['psql', '-U', 'postgres'];
    const { id: session, title } = await openIn(world, id, { kind: 'client', command });
    expect(title).toBe('psql');
    const viewer = viewOf(world, session);
    await shows(viewer, 'postgres=# ');
    await answers(viewer, 'SELECT 6 * 7 AS answer;\r', /42\r\n\(1 row\)/);
    // While psql has not read the return, an interrupt only clears the line.
    await eventually(
      async () => {
        const before = viewer.text().length;
        const shown = (wanted: string) => eventually(() => viewer.text().slice(before).includes(wanted));
        viewer.type('SELECT pg_sleep(100);\r');
        await shown('pg_sleep(100)');
        viewer.type('\x03');
        await shown('canceling statement due to user request');
        return true;
      },
      { limitMs: PROGRAM_LIMIT_MS },
    );
    viewer.type('\\q\r');
    await eventually(() => viewer.controls.some(({ type }) => type === 'exited'));
  });
});
