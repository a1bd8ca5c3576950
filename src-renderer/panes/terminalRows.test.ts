import { expect, test } from 'vitest';
import { linesBehind, type RowBuffer, rowsOfLine } from './terminalRows.ts';

/** `a`, then `b` in three rows, then `c` in one; the cursor stands behind. */
const WRAPPED = [false, false, true, true, false];
const buffer: RowBuffer = {
  baseY: 2,
  cursorY: 3,
  getLine: (row) => {
    const isWrapped = WRAPPED[row];
    return isWrapped === undefined ? undefined : { isWrapped };
  },
};

test('any row of a wrapped line belongs to it', () => {
  expect([0, 1, 2, 3, 4, 5].map((row) => linesBehind(buffer, row))).toEqual([2, 1, 1, 1, 0, undefined]);
  expect(linesBehind(buffer, -1)).toBeUndefined();
});

test('a line is found again, with all of its rows', () => {
  expect([0, 1, 2, 3].map((behind) => rowsOfLine(buffer, behind))).toEqual([
    { first: 4, count: 1 },
    { first: 1, count: 3 },
    { first: 0, count: 1 },
    undefined,
  ]);
});
