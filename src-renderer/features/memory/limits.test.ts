import { expect, test } from 'vitest';
import { offeredLimits } from './limits.ts';

test('a limit of the file must be among those that are offered, and none be larger than the machine', () => {
  const offered = offeredLimits(2 * 1024 ** 3, 100_000_000);
  expect(offered).toContain(100_000_000);
  expect(offered).toEqual([...offered].sort((a, b) => a - b));
  expect(offered.at(-1)).toBe(2 * 1024 ** 3);
  expect(offeredLimits(1024 ** 3, 4 * 1024 ** 3).at(-1)).toBe(4 * 1024 ** 3);
});
