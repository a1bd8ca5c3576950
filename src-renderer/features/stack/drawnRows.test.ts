import { expect, test } from 'vitest';
import { drawnRows } from './drawnRows.ts';

const range = { startIndex: 10, endIndex: 12, overscan: 1, count: 40 };

test('the row where keys go exists wherever the list has been scrolled to', () => {
  expect(drawnRows(range, 11)).toEqual([9, 10, 11, 12, 13]);
  expect(drawnRows(range, 2)).toEqual([2, 9, 10, 11, 12, 13]);
  expect(drawnRows(range, 39)).toEqual([9, 10, 11, 12, 13, 39]);
});

test('one that is not in the list does not', () => {
  expect(drawnRows(range, -1)).toEqual([9, 10, 11, 12, 13]);
  expect(drawnRows(range, 40)).toEqual([9, 10, 11, 12, 13]);
});
