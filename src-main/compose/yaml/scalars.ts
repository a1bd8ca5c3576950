import type { ScalarType } from './nodes.ts';

export interface Resolved {
  readonly type: ScalarType;
  readonly value: string | number | bigint | boolean | null;
}

const FIXED: ReadonlyMap<string, Resolved> = new Map<string, Resolved>([
  ...['true', 'True', 'TRUE'].map((word) => [word, { type: 'bool', value: true }] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, { type: 'bool', value: false }] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, { type: 'null', value: null }] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, { type: 'float', value: Number.NaN }] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map(
    (word) => [word, { type: 'float', value: Number.POSITIVE_INFINITY }] as const,
  ),
  ...['-.inf', '-.Inf', '-.INF'].map(
    (word) => [word, { type: 'float', value: Number.NEGATIVE_INFINITY }] as const,
  ),
]);

const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;
/** Longer than 64 binary digits with their prefix; converting millions of digits would take for ever. */
const INTEGER_LENGTH_LIMIT = 80;
const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;

/**
 * The type of a plain scalar, as go-yaml v3 (which docker compose reads with) sees it: YAML 1.2 booleans, but the
 * octal numbers of 1.1 (`0644`) and timestamps as well; no base 60; `yes` and `on` stay strings.
 */
export function resolvePlain(text: string): Resolved {
  if (isSurelyText(text.charCodeAt(0))) return { type: 'string', value: text };
  const fixed = FIXED.get(text);
  if (fixed) return fixed;
  const first = text.charCodeAt(0);
  const isDigit = first >= 48 && first <= 57;
  if (!isDigit && first !== 43 && first !== 45 && first !== 46) return { type: 'string', value: text };
  if (isDigit && isTimestamp(text)) return { type: 'time', value: text };
  return resolveNumber(text, first === 46) ?? { type: 'string', value: text };
}

/** A letter that no word with another meaning begins with (true, false, null): most scalars, and nearly all keys. */
export function isSurelyText(first: number): boolean {
  const letter = first | 0x20;
  return letter > 96 && letter < 123 && letter !== 0x66 && letter !== 0x6e && letter !== 0x74;
}

function resolveNumber(text: string, startsWithDot: boolean): Resolved | undefined {
  if (startsWithDot) return finite(text);
  const plain = text.replaceAll('_', '');
  const integer = parseInteger(plain);
  if (integer !== undefined) return { type: 'int', value: integer };
  return finite(plain);
}

/** A number too large for a float stays a text. */
function finite(text: string): Resolved | undefined {
  const value = FLOAT.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? { type: 'float', value } : undefined;
}

function parseInteger(text: string): number | bigint | undefined {
  const match = text.length > INTEGER_LENGTH_LIMIT ? null : INTEGER.exec(text);
  if (!match) return undefined;
  const [, sign, hex, binary, octal, decimal] = match;
  const digits =
    decimal ?? (hex !== undefined ? `0x${hex}` : binary !== undefined ? `0b${binary}` : `0o${octal}`);
  const magnitude = BigInt(digits);
  const value = sign === '-' ? -magnitude : magnitude;
  if (value < INT64_MIN || value > (sign === '' ? UINT64_MAX : 2n ** 63n - 1n)) return undefined;
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : value;
}

const DATE = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;
const DATE_TIME =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:([Tt])(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?(Z|[-+]\d{2}:\d{2})| (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?)$/;

function isTimestamp(text: string): boolean {
  if (text.charCodeAt(4) !== 45) return false;
  const match = DATE.exec(text) ?? DATE_TIME.exec(text);
  if (!match) return false;
  const [year, month, day] = match.slice(1, 4).map(Number) as [number, number, number];
  const [hour = 0, minute = 0, second = 0] = (
    match[5] === undefined ? match.slice(9, 12) : match.slice(5, 8)
  ).map((part) => Number(part ?? 0));
  const days = month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return month >= 1 && month <= 12 && day >= 1 && day <= days && hour < 24 && minute < 60 && second < 60;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
