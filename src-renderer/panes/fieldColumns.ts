import { parseFields } from '#base/logFields.ts';
import type { LogLine } from '#contract/logBatch.ts';
import { plainText } from './plainText.ts';

/** A field that has a column of its own. */
export interface FieldColumn {
  readonly name: string;
  /** Letters; grows with the values seen. */
  readonly width: number;
}

/** A longer value is cut: one column must not push the others out of sight. */
const WIDTH_MAX = 48;
/** Columns grow in steps: every change draws everything again. */
const WIDTH_STEP = 4;
const WIDTH_MIN = 6;
/** So many of the last lines are asked which fields there are. */
const LINES_ASKED = 500;
/** Letters between two columns. */
export const COLUMN_GAP = 2;
const FIELD_BYTES = 64 * 1024;

const decoder = new TextDecoder();

/** The fields of a line by name; undefined for a line that has none. */
export function fieldsOf(line: LogLine): ReadonlyMap<string, string> | undefined {
  if (line.kind === 'marker' || line.text.length > FIELD_BYTES) return undefined;
  const parsed = parseFields(plainText(decoder.decode(line.text)));
  return parsed && new Map(parsed.fields);
}

/** The names that occur in these lines, the most frequent first. */
export function fieldNames(lines: readonly LogLine[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const line of lines.slice(-LINES_ASKED)) {
    for (const name of fieldsOf(line)?.keys() ?? []) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
}

/** Columns wide enough for these lines too: the same object where they are already. */
export function widened(columns: readonly FieldColumn[], lines: readonly LogLine[]): readonly FieldColumn[] {
  if (columns.length === 0) return columns;
  const rows = lines.flatMap((line) => fieldsOf(line) ?? []);
  const next = columns.map((column) => {
    const longest = Math.max(column.name.length, ...rows.map((row) => row.get(column.name)?.length ?? 0));
    return longest <= column.width ? column : { ...column, width: stepped(longest) };
  });
  return next.every((column, index) => column === columns[index]) ? columns : next;
}

/** A column for a field that was not shown before. */
export function newColumn(name: string): FieldColumn {
  return { name, width: stepped(Math.max(WIDTH_MIN, name.length)) };
}

function stepped(width: number): number {
  return Math.min(WIDTH_MAX, Math.ceil(width / WIDTH_STEP) * WIDTH_STEP);
}

/** The line as columns; undefined when it has none of these fields, so that it is shown as it is. */
export function columnsText(line: LogLine, columns: readonly FieldColumn[]): string | undefined {
  if (columns.length === 0) return undefined;
  const fields = fieldsOf(line);
  if (fields === undefined || !columns.some(({ name }) => fields.has(name))) return undefined;
  return columns
    .map(({ name, width }, index) => {
      const value = plainText(fields.get(name) ?? '').replaceAll('\t', ' ');
      return index === columns.length - 1 ? value : fitted(value, width);
    })
    .join(' '.repeat(COLUMN_GAP))
    .trimEnd();
}

function fitted(value: string, width: number): string {
  return value.length > width ? `${value.slice(0, width - 1)}…` : value.padEnd(width);
}
