import { describe, expect, it } from 'vitest';
import { parseTime } from './parseTime.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

describe('parseTime', () => {
  it.each([
    ['10m', NOW - 600_000],
    ['1h30m', NOW - 5_400_000],
    ['1.5s', NOW - 1_500],
    ['1767225600', 1_767_225_600_000],
    ['2026-01-01T00:00:00Z', 1_767_225_600_000],
    [undefined, undefined],
  ])('%s', (text, expected) => expect(parseTime(text, NOW)).toBe(expected));

  it('refuses what is no time', () => {
    expect(() => parseTime('soon', NOW)).toThrow('soon is no time');
  });
});
