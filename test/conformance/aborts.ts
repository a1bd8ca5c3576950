import { describe, expect, test } from 'vitest';
import { failureOf, type Harness, kindOf } from './harness.ts';
import { EXECS } from './programs.ts';

/** Every call that lasts can be given up in the middle, and every call before it begins. */
export function abortConformance(harness: Harness): void {
  /** Reads until the first item, aborts, reads on. */
  async function abortAfterFirst(source: AsyncIterable<unknown>, abort: () => void): Promise<void> {
    for await (const _ of source) abort();
  }

  describe('an abort', () => {
    test('before the call: it is not made', async () => {
      const signal = AbortSignal.abort();
      expect(await kindOf(harness.engine.listContainers({ all: true, signal }))).toBe('cancelled');
      expect(await kindOf(harness.engine.openEvents({ signal }))).toBe('cancelled');
    });

    test('of logs in the middle: rejects, so that nobody takes them for whole', async () => {
      const { id } = await harness.start('ticks');
      const abort = new AbortController();
      const source = await harness.engine.openLogs(id, {
        follow: true,
        timestamps: false,
        signal: abort.signal,
      });
      expect(await kindOf(abortAfterFirst(source, () => abort.abort()))).toBe('cancelled');
    });

    test('of logs that wait', async () => {
      const { id } = await harness.start('idle');
      const abort = new AbortController();
      const source = await harness.engine.openLogs(id, {
        follow: true,
        timestamps: false,
        signal: abort.signal,
      });
      setImmediate(() => abort.abort());
      expect(await kindOf(abortAfterFirst(source, () => undefined))).toBe('cancelled');
    });

    test('of events: they end', async () => {
      const abort = new AbortController();
      const stream = await harness.engine.openEvents({ labels: [harness.label], signal: abort.signal });
      setImmediate(() => abort.abort());
      for await (const event of stream) throw new Error(`nothing should come: ${event.action}`);
    });

    test('of stats: they end', async () => {
      const { id } = await harness.start('idle');
      const abort = new AbortController();
      const stats = await harness.engine.openStats(id, { signal: abort.signal });
      await abortAfterFirst(stats, () => abort.abort());
    });

    test('of an exec that runs', async () => {
      const { id } = await harness.start('idle');
      const abort = new AbortController();
      const running = harness.engine.exec(id, { command: EXECS.waits.command, signal: abort.signal });
      setTimeout(() => abort.abort(), 100);
      expect(await kindOf(running)).toBe('cancelled');
    });

    test('of an open session: its output rejects, and so does waiting for its code', async () => {
      const { id } = await harness.start('idle');
      const abort = new AbortController();
      const request = { command: EXECS.copiesInput.command, tty: false, stdin: true, signal: abort.signal };
      const session = await harness.engine.openExec(id, request);
      const code = failureOf(session.exitCode({ signal: abort.signal }));
      setImmediate(() => abort.abort());
      expect(await kindOf(abortAfterFirst(session.output, () => undefined))).toBe('cancelled');
      expect((await code).kind).toBe('cancelled');
    });

    test('of an attach', async () => {
      const { id } = await harness.start('idle');
      const abort = new AbortController();
      const session = await harness.engine.attach(id, { tty: false, stdin: false, signal: abort.signal });
      setImmediate(() => abort.abort());
      expect(await kindOf(abortAfterFirst(session.output, () => undefined))).toBe('cancelled');
    });

    test('of a wait', async () => {
      const { id } = await harness.start('idle');
      const abort = new AbortController();
      const waiting = harness.engine.waitContainer(id, { signal: abort.signal });
      setTimeout(() => abort.abort(), 50);
      expect(await kindOf(waiting)).toBe('cancelled');
    });

    test('of a stop: only the waiting ends, the engine goes on', async () => {
      const { id } = await harness.start('idle');
      const abort = new AbortController();
      const stopping = harness.engine.stopContainer(id, { graceSeconds: 1, signal: abort.signal });
      setTimeout(() => abort.abort(), 100);
      expect(await kindOf(stopping)).toBe('cancelled');
      expect(await harness.engine.waitContainer(id)).toBe(137);
    });

    test('of an upload: its source is let go', async () => {
      const { id } = await harness.create('idle');
      const abort = new AbortController();
      let letGo = false;
      // A file that never comes to its end: an engine may stop reading where an archive says that it is over.
      async function* endless() {
        try {
          yield tarHeader('endless', 2 ** 32);
          for (;;) {
            yield new Uint8Array(512);
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
        } finally {
          letGo = true;
        }
      }
      const writing = harness.engine.writeArchive(id, '/tmp', endless(), { signal: abort.signal });
      setTimeout(() => abort.abort(), 100);
      expect(await kindOf(writing)).toBe('cancelled');
      await expect.poll(() => letGo).toBe(true);
    });
  });
}

/** The first block of a file in an archive. Source: POSIX.1-1988, ustar. */
function tarHeader(name: string, size: number): Uint8Array {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write('0000644\0', 100);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write('        0', 148);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
