import { expect, test, vi } from 'vitest';
import { ReadPacer } from './readPacer.ts';

/** Says `bytes` in `chunks` read in every turn of the event loop for a while; returns how long it rested, in milliseconds. */
async function restsWith(bytes: number, chunks: number): Promise<number> {
  const waited = vi.spyOn(Atomics, 'wait').mockReturnValue('timed-out');
  const now = vi.spyOn(performance, 'now');
  try {
    const pacer = new ReadPacer();
    for (let turn = 0; turn < 200; turn++) {
      // A turn a tenth of a millisecond long.
      now.mockReturnValue(1000 + turn / 10);
      pacer.note(bytes, chunks);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return waited.mock.calls.reduce((sum, [, , , ms]) => sum + Number(ms), 0);
  } finally {
    vi.restoreAllMocks();
  }
}

test('what comes now and then is read at once', async () => {
  expect(await restsWith(500, 4)).toBe(0);
});

test('a flood of lines gathers between two reads', async () => {
  expect(await restsWith(4000, 30)).toBeGreaterThan(10);
});

test('not for longer than the socket has room', async () => {
  const roomy = await restsWith(4000, 30);
  expect(await restsWith(4000, 120)).toBeLessThan(roomy / 10);
  expect(await restsWith(16 * 1024, 1)).toBeLessThan(roomy / 10);
});
