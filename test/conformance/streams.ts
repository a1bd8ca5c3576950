import { describe, expect, test } from 'vitest';
import type { ContainerId } from '#contract/ids.ts';
import type { EngineEvent, EventStream } from '#engine/events.ts';
import type { OpenLogs } from '#engine/streams.ts';
import { type Harness, kindOf, outputOf, textOf } from './harness.ts';
import { EXECS } from './programs.ts';

const MILLISECOND = 1_000_000;

export function streamConformance(harness: Harness): void {
  describe('events', () => {
    /**
     * Actions of containers until `last`, with their exit codes and signals. Engines since 23 may tell of a stop before they tell
     * of the end that it brought; nobody may rely on either order, so such a pair is given with the end first.
     */
    async function actions(stream: EventStream, last: string, keep = /./): Promise<string[]> {
      const seen: string[] = [];
      let isOver = false;
      for await (const event of stream) {
        const word = described(event);
        if (event.type === 'container' && keep.test(word)) seen.push(word);
        isOver ||= event.action === last;
        if (isOver && !awaitsEnd(seen)) break;
      }
      return seen.map((_, index) => inOrder(seen, index));
    }

    /** After the engine's stop, the end that belongs to it may still be on its way. */
    function awaitsEnd(seen: readonly string[]): boolean {
      return seen.at(-1) === 'stop' && seen.at(-2)?.startsWith('die') === false;
    }

    function inOrder(seen: readonly string[], index: number): string {
      const [before, here, after] = [seen[index - 1], seen[index] ?? '', seen[index + 1]];
      if (here === 'stop' && after?.startsWith('die')) return after;
      if (here.startsWith('die') && before === 'stop') return before;
      return here;
    }

    function described({ action, detail, attributes }: EngineEvent): string {
      return [action, detail, attributes['exitCode'], attributes['signal']]
        .filter((part) => part !== undefined)
        .join(' ');
    }

    const own = () => harness.engine.openEvents({ labels: [harness.label] });

    test('create, start, a stop that the program obeys, removal', async () => {
      const stream = await own();
      const { id } = await harness.start('polite');
      await harness.engine.stopContainer(id, { graceSeconds: 10 });
      await harness.engine.removeContainer(id);
      expect(await actions(stream, 'destroy')).toEqual([
        'create',
        'start',
        'kill 15',
        'die 7',
        'stop',
        'destroy',
      ]);
    });

    test('a stop that the program ignores', async () => {
      const stream = await own();
      const { id } = await harness.start('idle');
      await harness.engine.stopContainer(id, { graceSeconds: 0 });
      expect(await actions(stream, 'stop')).toEqual([
        'create',
        'start',
        'kill 15',
        'kill 9',
        'die 137',
        'stop',
      ]);
    });

    test('an end of its own', async () => {
      const stream = await own();
      await harness.start('fails');
      expect(await actions(stream, 'die')).toEqual(['create', 'start', 'die 3']);
    });

    test('a restart', async () => {
      const stream = await own();
      const { id } = await harness.start('polite');
      await harness.engine.restartContainer(id, { graceSeconds: 10 });
      expect(await actions(stream, 'restart')).toEqual([
        'create',
        'start',
        'kill 15',
        'die 7',
        'stop',
        'start',
        'restart',
      ]);
    });

    test('a restart by policy: die and start, no restart', async () => {
      const stream = await own();
      const policy = { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 1 } };
      const { id } = await harness.start('fails', { HostConfig: policy });
      const seen: string[] = [];
      for await (const { action } of stream) {
        seen.push(action);
        if (seen.filter((word) => word === 'die').length === 2) break;
      }
      expect(seen).toEqual(['create', 'start', 'die', 'start', 'die']);
      await harness.engine.removeContainer(id, { force: true });
    });

    test('pause, unpause, rename, forced removal', async () => {
      const stream = await own();
      const { id } = await harness.start('idle');
      await harness.engine.pauseContainer(id);
      await harness.engine.unpauseContainer(id);
      await harness.engine.renameContainer(id, harness.name('other'));
      await harness.engine.removeContainer(id, { force: true });
      expect(await actions(stream, 'destroy')).toEqual([
        'create',
        'start',
        'pause',
        'unpause',
        'rename',
        'kill 9',
        'die 137',
        'destroy',
      ]);
    });

    test('an exec: its command is split off the action', async () => {
      const stream = await own();
      const { id } = await harness.start('idle');
      await harness.engine.exec(id, { command: EXECS.bothStreams.command });
      const command = EXECS.bothStreams.command.join(' ');
      expect(await actions(stream, 'exec_die')).toEqual([
        'create',
        'start',
        `exec_create ${command}`,
        `exec_start ${command}`,
        'exec_die 3',
      ]);
    });

    test('health: one event for a change, its state split off the action', async () => {
      const stream = await own();
      const Healthcheck = {
        Test: ['CMD-SHELL', 'test -e /tmp/ready'],
        Interval: 200 * MILLISECOND,
        Retries: 50,
      };
      await harness.start('becomesHealthy', { Healthcheck });
      expect(await actions(stream, 'health_status', /^(?!exec_)/)).toEqual([
        'create',
        'start',
        'health_status healthy',
      ]);
    });

    test('carry id, name, image, labels and the time', async () => {
      const before = Date.now();
      const stream = await own();
      const { id, name } = await harness.create('idle');
      for await (const event of stream) {
        expect(event).toMatchObject({ type: 'container', action: 'create', id });
        expect(event.attributes).toMatchObject({ name, image: 'busybox:latest', ...harness.labels });
        expect(Math.abs(event.at - before)).toBeLessThan(60_000);
        expect(event.atNano).toMatch(/^\d{19}$/);
        break;
      }
    });

    test('close ends the reading', async () => {
      const stream = await own();
      setImmediate(() => stream.close());
      for await (const event of stream) throw new Error(`nothing should come: ${event.action}`);
    });
  });

  describe('logs', () => {
    const read = async (id: ContainerId, options: Partial<OpenLogs>) =>
      outputOf(await harness.engine.openLogs(id, { follow: false, timestamps: false, ...options }));

    test('both streams, kept after the end', async () => {
      const { id } = await harness.start('prints');
      await harness.end(id);
      expect(await read(id, {})).toEqual({ stdout: 'first\nlast\n', stderr: 'oops\n' });
      expect(await read(id, { stderr: false })).toEqual({ stdout: 'first\nlast\n', stderr: '' });
    });

    test('followed from the start: everything, then an end with the container', async () => {
      const { id } = await harness.start('prints');
      expect(await read(id, { follow: true })).toEqual({ stdout: 'first\nlast\n', stderr: 'oops\n' });
    });

    test('the last lines', async () => {
      const { id } = await harness.start('prints');
      await harness.end(id);
      expect(await read(id, { tail: 2 })).toEqual({ stdout: 'last\n', stderr: 'oops\n' });
      expect(await read(id, { tail: 0 })).toEqual({ stdout: '', stderr: '' });
    });

    test('since a line, that line included; until one, nothing after it', async () => {
      const { id } = await harness.start('prints');
      await harness.end(id);
      const stamped = await read(id, { timestamps: true });
      const [at = '', text] = stamped.stderr.trim().split(' ');
      expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
      expect(text).toBe('oops');
      const seconds = `${Math.floor(Date.parse(at) / 1000)}.${at.slice(20, 29)}`;
      expect(await read(id, { since: seconds })).toEqual({ stdout: 'last\n', stderr: 'oops\n' });
      expect(await read(id, { until: seconds })).toEqual({ stdout: 'first\n', stderr: 'oops\n' });
    });

    test('of a terminal: raw bytes', async () => {
      const { id } = await harness.start('prints', { Tty: true });
      await harness.end(id);
      const raw = await textOf(await harness.engine.openLogs(id, { follow: false, timestamps: false }));
      expect(raw.replaceAll('\r', '')).toBe('first\noops\nlast\n');
    });

    test('close in the middle ends the reading', async () => {
      const { id } = await harness.start('ticks');
      const source = await harness.engine.openLogs(id, { follow: true, timestamps: false });
      let seen = 0;
      for await (const _ of source) if (++seen === 2) source.close();
      expect(seen).toBe(2);
    });
  });

  describe('exec', () => {
    test('both streams and the exit code', async () => {
      const { id } = await harness.start('idle');
      const result = await harness.engine.exec(id, { command: EXECS.bothStreams.command });
      const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
      expect({ ...result, stdout: text(result.stdout), stderr: text(result.stderr) }).toEqual({
        exitCode: 3,
        stdout: 'out\n',
        stderr: 'err\n',
        truncated: false,
      });
    });

    test('standard input and environment', async () => {
      const { id } = await harness.start('idle');
      const stdin = Buffer.from('a ✓ and a half'.repeat(10_000));
      const copied = await harness.engine.exec(id, { command: EXECS.copiesInput.command, stdin });
      expect(Buffer.from(copied.stdout).equals(stdin)).toBe(true);
      const greeted = await harness.engine.exec(id, {
        command: EXECS.greets.command,
        env: ['GREETING=hello there'],
      });
      expect(Buffer.from(greeted.stdout).toString()).toBe('hello there\n');
    });

    test('output over the limit is cut, the command still runs to its end', async () => {
      const { id } = await harness.start('idle');
      const result = await harness.engine.exec(id, { command: EXECS.floods.command, limitBytes: 1000 });
      expect(result).toMatchObject({ exitCode: 0, truncated: true });
      expect(result.stdout.length).toBe(1000);
    });

    test('a command that does not exist: not a failure of the engine, an exit code', async () => {
      const { id } = await harness.start('idle');
      expect([126, 127]).toContain((await harness.engine.exec(id, { command: ['/no/such'] })).exitCode);
    });

    test('in a container that does not run: a conflict', async () => {
      const { id } = await harness.create('idle');
      expect(await kindOf(harness.engine.exec(id, { command: ['cat'] }))).toBe('engine.conflict');
    });

    test('an open session: input, end of input, output, code', async () => {
      const { id } = await harness.start('idle');
      const command = EXECS.copiesInput.command;
      const session = await harness.engine.openExec(id, { command, tty: false, stdin: true });
      await session.write(Buffer.from('one '));
      await session.write(Buffer.from('two'));
      session.end();
      expect(await outputOf(session.output)).toEqual({ stdout: 'one two', stderr: '' });
      expect(await session.exitCode()).toBe(0);
    });

    test('a terminal: resized, its bytes raw; resizing it after its end is no error', async () => {
      const { id } = await harness.start('idle');
      const command = EXECS.bothStreams.command;
      const session = await harness.engine.openExec(id, { command, tty: true, stdin: false });
      await session.resize({ columns: 100, rows: 40 });
      expect((await textOf(session.output)).replaceAll('\r', '')).toBe('out\nerr\n');
      expect(await session.exitCode()).toBe(3);
      await session.resize({ columns: 80, rows: 25 });
    });
  });

  describe('attach', () => {
    test('hears what comes from then on', async () => {
      const { id } = await harness.start('ticks');
      const session = await harness.engine.attach(id, { tty: false, stdin: false });
      for await (const chunk of session.output) {
        expect(Buffer.from(chunk).toString()).toContain('tick');
        break;
      }
      session.close();
    });
  });
}
