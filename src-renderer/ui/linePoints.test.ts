import { expect, test } from 'vitest';
import { linePoints } from './linePoints.ts';

const frame = { width: 60, height: 12, ceiling: 100, length: 4 };

test('the newest value is at the right edge, missing ones leave room on the left', () => {
  expect(linePoints([0, 100], frame)).toBe('40.0,11.0 60.0,1.0');
});

test('values beyond the ceiling are cut, one value is no line', () => {
  expect(linePoints([500, -1], frame)).toBe('40.0,1.0 60.0,11.0');
  expect(linePoints([50], frame)).toBe('');
});
