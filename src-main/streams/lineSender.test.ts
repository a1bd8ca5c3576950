import { expect, test } from 'vitest';
import { decodeLogBatch, type LogLine } from '#contract/logBatch.ts';
import { CREDIT_BYTES } from '#contract/streams.ts';
import { eventually } from '#support/eventually.ts';
import { Credit } from './credit.ts';
import { BURST_LINES, LineSender } from './lineSender.ts';
import type { WireLine } from './wireBatch.ts';

function opened({ keepsUp = true } = {}) {
  const credit = new Credit();
  const lines: LogLine[] = [];
  const skipped: { readonly lines: number; readonly before: number }[] = [];
  const clock = { ms: 0 };
  let waiting = 0;
  const channel = {
    send: (bytes: Uint8Array) => {
      lines.push(...decodeLogBatch(bytes));
      waiting += bytes.length;
    },
    control: (message: unknown) => {
      skipped.push({ lines: (message as { lines: number }).lines, before: lines.length });
    },
    onData: () => ({ dispose: () => undefined }),
    onControl: () => ({ dispose: () => undefined }),
    onClose: () => ({ dispose: () => undefined }),
    close: () => undefined,
  };
  const sender = new LineSender({ channel, credit, now: () => clock.ms });
  if (keepsUp) sender.keepUp();
  const acknowledge = () => {
    credit.acknowledge(waiting);
    waiting = 0;
  };
  return { sender, credit, clock, lines, skipped, acknowledge };
}

const source = new TextEncoder().encode('web');
let number = 0;

function line(bytes = 20): WireLine {
  number += 1;
  const text = new TextEncoder().encode(String(number).padEnd(bytes, '.'));
  return {
    position: { secs: number, nanos: 0, block: 1, row: 0 },
    timeMs: number,
    kind: 'stdout',
    level: 0,
    source,
    text,
  };
}

/** Sends so many lines as one look at what came, acknowledged at once. */
async function look(own: ReturnType<typeof opened>, lines: number): Promise<void> {
  own.sender.begin();
  for (let index = 0; index < lines; index++) {
    await own.sender.send(line());
    own.acknowledge();
  }
  await own.sender.finish();
  own.acknowledge();
}

function numbers(lines: readonly LogLine[]): number[] {
  return lines.map(({ text }) => Number.parseInt(new TextDecoder().decode(text), 10));
}

test('a burst that a pane can keep comes whole', async () => {
  const own = opened();
  await look(own, BURST_LINES - 1);
  expect(own.skipped).toEqual([]);
  expect(own.lines).toHaveLength(BURST_LINES - 1);
});

test('of a flood the newest lines come, and those that went by are counted', async () => {
  const own = opened();
  const first = number + 1;
  let written = 0;
  for (let frame = 0; frame < 100; frame++) {
    own.clock.ms += 50;
    await look(own, 1000);
    written += 1000;
    expect(numbers(own.lines).at(-1)).toBe(first + written - 1);
  }
  const passed = own.skipped.reduce((sum, { lines }) => sum + lines, 0);
  expect(own.lines.length + passed).toBe(written);
  expect(own.lines.length).toBeLessThan(BURST_LINES + 100 * 200 + 1000);
  expect(numbers(own.lines)).toEqual([...numbers(own.lines)].sort((a, b) => a - b));
});

test('each count stands where its lines are missing', async () => {
  const own = opened();
  const first = number + 1;
  for (let frame = 0; frame < 40; frame++) {
    own.clock.ms += 50;
    await look(own, 1000);
  }
  const received = numbers(own.lines);
  for (const { lines, before } of own.skipped)
    expect((received[before] ?? 0) - (received[before - 1] ?? first - 1) - 1).toBe(lines);
});

test('after a calm everything comes again', async () => {
  const own = opened();
  for (let frame = 0; frame < 20; frame++) {
    own.clock.ms += 50;
    await look(own, 1000);
  }
  expect(own.skipped.length).toBeGreaterThan(0);
  own.clock.ms += 2000;
  const before = own.skipped.length;
  await look(own, 900);
  expect(own.skipped).toHaveLength(before);
});

test('a reader that was away gets the newest, and the number of those before', async () => {
  const own = opened();
  own.sender.begin();
  own.credit.sent(CREDIT_BYTES + 1);
  const sending = (async () => {
    for (let index = 0; index < 5000; index++) await own.sender.send(line());
    await own.sender.finish();
  })();
  own.clock.ms += 60_000;
  own.credit.acknowledge(CREDIT_BYTES + 1);
  await sending;
  expect(numbers(own.lines).at(-1)).toBe(number);
  expect(own.lines.length + own.skipped.reduce((sum, { lines }) => sum + lines, 0)).toBe(5000);
  expect(own.skipped).toHaveLength(1);
});

test('one that does not keep up sends everything, as far as there is credit', async () => {
  const own = opened({ keepsUp: false });
  own.sender.begin();
  let done = false;
  const sending = (async () => {
    for (let index = 0; index < 3 * BURST_LINES; index++) await own.sender.send(line());
    await own.sender.finish();
    done = true;
  })();
  await eventually(() => {
    own.acknowledge();
    return done;
  });
  await sending;
  expect(own.lines).toHaveLength(3 * BURST_LINES);
  expect(own.skipped).toEqual([]);
});

test('after a silence a line goes at once, and a flood is drawn a few times a second', async () => {
  const own = opened();
  own.clock.ms = 1000;
  expect(own.sender.restMs).toBe(0);
  await look(own, 1);
  expect(own.sender.restMs).toBe(16);
  for (let frame = 0; frame < 20; frame++) {
    own.clock.ms += 50;
    await look(own, 1000);
  }
  expect(own.sender.restMs).toBe(100);
});
