import { expect, test } from 'vitest';
import { parseInstant } from './parseInstant.ts';

const now = new Date(2026, 10, 20, 14, 30).getTime();
const at = (...parts: [number, number, number, number, number, number?, number?]) =>
  new Date(...parts).getTime();

test.each([
  ['14:02', at(2026, 10, 20, 14, 2, 0)],
  ['9:02:11.5', at(2026, 10, 20, 9, 2, 11, 500)],
  ['23:10', at(2026, 10, 19, 23, 10, 0)],
  ['2026-11-18 08:15', at(2026, 10, 18, 8, 15, 0)],
  ['2026-11-18', at(2026, 10, 18, 0, 0, 0)],
  ['2026-11-20T13:00:00Z', Date.UTC(2026, 10, 20, 13)],
  ['10m', now - 600_000],
  ['1.5 h', now - 5_400_000],
  ['25:00', undefined],
  ['soon', undefined],
  ['2026-99-99', undefined],
])('%s', (text, expected) => {
  expect(parseInstant(text, now)).toBe(expected);
});
