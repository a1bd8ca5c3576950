import { expect, test } from 'vitest';
import type { LogLine } from '#contract/logBatch.ts';
import { KeptLines } from './keptLines.ts';

const line = (id: number, bytes = 1): LogLine => ({
  id: String(id),
  time: id,
  kind: 'stdout',
  level: 'none',
  source: 'api',
  text: new Uint8Array(bytes),
});
const ids = (lines: readonly LogLine[]) => lines.map((entry) => Number(entry.id));

test('the oldest go when there are too many, and are counted', () => {
  const kept = new KeptLines({ lines: 3, bytes: 1000 });
  for (let id = 0; id < 20; id += 1) kept.push([line(id)]);
  expect(ids(kept.all())).toEqual([17, 18, 19]);
  expect(kept.dropped).toBe(17);
});

test('the oldest go when they are too big; one line always stays', () => {
  const kept = new KeptLines({ lines: 100, bytes: 10 });
  kept.push([line(1, 6), line(2, 6)]);
  expect(ids(kept.all())).toEqual([2]);
  kept.push([line(3, 500)]);
  expect(ids(kept.all())).toEqual([3]);
});

test('what was taken is gone', () => {
  const kept = new KeptLines({ lines: 3, bytes: 1000 });
  kept.push([line(1), line(2)]);
  expect(ids(kept.take())).toEqual([1, 2]);
  expect(kept.size).toBe(0);
  kept.push([line(3)]);
  expect(ids(kept.all())).toEqual([3]);
});
