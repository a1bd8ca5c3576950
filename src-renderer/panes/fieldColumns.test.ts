import { expect, test } from 'vitest';
import type { LogLine } from '#contract/logBatch.ts';
import { columnsText, fieldNames, newColumn, widened } from './fieldColumns.ts';

function line(text: string): LogLine {
  const base = { id: '1', time: 0, kind: 'stdout', level: 'info', source: 'api' } as const;
  return { ...base, text: new TextEncoder().encode(text) };
}

const LINES = [
  line('{"level":"info","status":200,"msg":"GET /orders"}'),
  line('level=warn status=503 msg="upstream is away"'),
  line('a plain sentence'),
];

test('fields of JSON and logfmt share columns, a line without them stays as it is', () => {
  const columns = ['status', 'level', 'msg'].map(newColumn);
  expect(LINES.map((entry) => columnsText(entry, columns))).toEqual([
    '200       info      GET /orders',
    '503       warn      upstream is away',
    undefined,
  ]);
});

test('columns grow with what is in them, up to a bound, and are the same where nothing is longer', () => {
  const columns = [newColumn('msg')];
  expect(widened(columns, [LINES[0] as LogLine])[0]?.width).toBe(12);
  expect(widened(columns, [line(`msg=${'x'.repeat(500)} a=1`)])[0]?.width).toBe(48);
  const wide = widened(columns, LINES);
  expect(widened(wide, LINES)).toBe(wide);
});

test('names are counted over JSON and logfmt', () => {
  expect(fieldNames([...LINES, line('{"status":1}')])).toEqual(['status', 'level', 'msg']);
});
