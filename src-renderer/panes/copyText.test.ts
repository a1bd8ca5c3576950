import type { IBufferLine } from '@xterm/xterm';
import { expect, test } from 'vitest';
import { copyWithoutPrefixes } from './copyText.ts';

/** A terminal with these rows; `+` in front of a row means that it continues the one before. */
function terminal(rows: readonly string[], from: [number, number], to: [number, number]) {
  const lines = rows.map((row) => {
    const text = row.replace(/^\+/, '');
    return {
      isWrapped: row.startsWith('+'),
      length: text.length,
      translateToString: (_trim: boolean, start: number, end: number) => text.slice(start, end).trimEnd(),
    } as unknown as IBufferLine;
  });
  return {
    getSelectionPosition: () => ({ start: { x: from[0], y: from[1] }, end: { x: to[0], y: to[1] } }),
    buffer: { active: { getLine: (y: number) => lines[y] } },
  };
}

const rows = ['api  one and ', '+two', 'web  three'];

test('times and sources are left out, wrapped rows are one line', () => {
  expect(copyWithoutPrefixes(terminal(rows, [0, 0], [10, 2]), 5)).toBe('one andtwo\nthree');
});

test('a selection that begins or ends within lines stays as it is', () => {
  expect(copyWithoutPrefixes(terminal(rows, [9, 0], [3, 1]), 5)).toBe('andtwo');
  expect(copyWithoutPrefixes(terminal(rows, [1, 2], [8, 2]), 5)).toBe('thr');
});

test('a selection of nothing but prefixes is empty', () => {
  expect(copyWithoutPrefixes(terminal(rows, [0, 2], [4, 2]), 5)).toBe('');
});
