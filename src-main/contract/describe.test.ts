import { expect, test } from 'vitest';
import { describeDuration, describeTook } from './describe.ts';

test.each([
  [4_100, '4.1 s'],
  [59_400, '59 s'],
  [59_900, '1 min 0 s'],
  [118_000, '1 min 58 s'],
  [120_000, '2 min 0 s'],
  [599_400, '9 min 59 s'],
  [11 * 60_000, '11 min'],
  [2 * 3_600_000, '2 h 0 min'],
])('%d ms took %s', (ms, words) => expect(describeTook(ms)).toBe(words));

test('what goes on is told in whole minutes, so that it does not move each second', () => {
  expect(describeDuration(118_000)).toBe('1 min');
});
