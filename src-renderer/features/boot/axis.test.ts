import { expect, test } from 'vitest';
import { rightEdge } from './axis.ts';

test('a boot that is over ends where it ended, however short', () => {
  expect(rightEdge({ startedAt: 5, endedAt: 4_123 }, 4_118)).toBe(4_118);
  expect(rightEdge({ startedAt: 5, endedAt: 5 }, 0)).toBe(1);
});

test('a boot under way goes to what it will probably take', () => {
  expect(rightEdge({ startedAt: 0, expectedMs: 4_200 }, 100)).toBe(4_200);
  expect(rightEdge({ startedAt: 0, expectedMs: 4_200 }, 4_201)).toBe(5_000);
});

test.each([
  [0, 1_000],
  [1_000, 1_000],
  [1_001, 2_000],
  [6_500, 8_000],
  [8_001, 10_000],
  [31_000, 40_000],
  [95_000, 100_000],
  [3_600_000, 4_000_000],
])('one of which nothing is known ends, after %i ms, at %i', (reached, edge) => {
  expect(rightEdge({ startedAt: 0 }, reached)).toBe(edge);
});
