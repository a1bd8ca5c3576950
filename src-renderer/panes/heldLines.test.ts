import { expect, test } from 'vitest';
import type { LogLine } from '#contract/logBatch.ts';
import { HeldLines } from './heldLines.ts';
import { LINES_KEPT } from './logSheet.ts';

function lines(from: number, to: number): LogLine[] {
  return Array.from({ length: to - from + 1 }, (_, index) => ({
    id: `${from + index}`,
    time: from + index,
    kind: 'stdout',
    level: 'none',
    source: 'web',
    text: new Uint8Array(1),
  }));
}

test('what came is held and counted', () => {
  const held = new HeldLines();
  held.push(lines(1, 3));
  expect(held.count).toBe(3);
  expect(held.take()).toEqual({ missing: 0, lines: lines(1, 3) });
  expect(held.count).toBe(0);
});

test('behind lines that went by only what came since is held, and all are counted', () => {
  const held = new HeldLines();
  held.push(lines(1, 3));
  held.passOver(1000);
  held.push(lines(1004, 1005));
  expect(held.count).toBe(1005);
  expect(held.take()).toEqual({ missing: 1003, lines: lines(1004, 1005) });
});

test('what did not fit is counted too', () => {
  const held = new HeldLines();
  held.push(lines(1, LINES_KEPT + 7));
  expect(held.count).toBe(LINES_KEPT + 7);
  expect(held.take().missing).toBe(7);
});
