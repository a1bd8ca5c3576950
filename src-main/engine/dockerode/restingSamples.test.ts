import { expect, test } from 'vitest';
import { restingSamples } from './restingSamples.ts';

interface Second {
  /** Share of a core. */
  readonly cpu?: number;
  readonly memory?: number;
  /** Seconds since the sample before. */
  readonly after?: number;
}

/** Which of these samples are read; the first is the stream's first, with nothing before it. */
function read(...seconds: readonly Second[]): boolean[] {
  let total = 1e12;
  let now = 0;
  const { wanted } = restingSamples(() => now);
  const first = wanted(line({ total, before: 0, memory: 5e6 }));
  return [
    first,
    ...seconds.map(({ cpu = 0, memory = 5e6, after = 0.1 }) => {
      const before = total;
      total += cpu * 1e9;
      now += after * 1000;
      return wanted(line({ total, before, memory }));
    }),
  ];
}

function line(own: { readonly total: number; readonly before: number; readonly memory: number }): Uint8Array {
  return Buffer.from(
    `{"read":"2026-11-28T10:00:00Z","cpu_stats":{"cpu_usage":{"total_usage":${own.total},"usage_in_usermode":1},` +
      `"system_cpu_usage":9},"precpu_stats":{"cpu_usage":{"total_usage":${own.before}}},` +
      `"memory_stats":{"usage":${own.memory},"max_usage":9}}`,
  );
}

test('a container at rest is read once in half a minute', () => {
  expect(read({}, {}, {}, { after: 5 }, { after: 20 }, { after: 5 }, {})).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    true,
    false,
  ]);
});

test('one that works is read each time', () => {
  // That it has come to rest is told at once.
  expect(read({ cpu: 0.1 }, { cpu: 0.006 }, {}, {})).toEqual([true, true, true, true, false]);
});

test('so is one whose memory grows, until it stays', () => {
  expect(read({}, { memory: 5.1e6 }, { memory: 5.101e6 }, {})).toEqual([true, true, true, true, true]);
  expect(read({}, { memory: 5.01e6 }, {}, {})).toEqual([true, true, true, false, false]);
});

test('an answer of another shape is always read', () => {
  const { wanted } = restingSamples();
  const other = Buffer.from('{"cpu_stats":{"cpu_usage":{"total_usage":5}},"memory_stats":{}}');
  expect([wanted(other), wanted(other)]).toEqual([true, true]);
});

test('after a whole span of rest the stream is left alone until the next', () => {
  let now = 0;
  const { wanted, restMs } = restingSamples(() => now);
  const at = (ms: number, cpu: number) => {
    now = ms;
    wanted(line({ total: 1e12 + cpu * 1e9, before: 1e12, memory: 5e6 }));
    return restMs();
  };
  expect([at(0, 0), at(1_000, 0), at(5_100, 0), at(10_100, 0)]).toEqual([0, 0, 0, 4_900]);
  expect([at(15_000, 0.2), at(15_100, 0)]).toEqual([0, 0]);
});
