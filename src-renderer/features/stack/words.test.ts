import { expect, test } from 'vitest';
import { progressText } from './words.ts';

test('progress in one unit, and nothing before anything is known', () => {
  const bytes = (current: number, total?: number) => progressText({ unit: 'bytes', current, total });
  expect(bytes(0, 0)).toBe('');
  expect(bytes(0)).toBe('');
  expect(bytes(12_000_000, 40_000_000)).toBe('12 of 40 MB');
  expect(bytes(12_000_000)).toBe('12 MB');
});
