import type { Shape, Value } from './shape.ts';

/** Go writes these so that JSON may stand inside HTML; the config hash is over that very text. */
const ESCAPED: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** JSON as Go's encoder writes it: attributes in the order of the shape, maps by name, no spaces. */
export function printJson(value: Value, shape: Shape | undefined): string {
  if (value === null || typeof value !== 'object') return printScalar(value);
  if (Array.isArray(value)) {
    const of = shape?.kind === 'list' ? shape.of : undefined;
    return `[${value.map((item) => printJson(item, of)).join(',')}]`;
  }
  const members = value as { readonly [key: string]: Value };
  if (shape?.kind === 'struct') return printStruct(members, shape);
  const of = shape?.kind === 'record' ? shape.of : undefined;
  const sorted = shape === undefined || shape.kind !== 'leaf' || shape.print === 'sorted';
  const keys = sorted ? Object.keys(members).sort(byBytes) : Object.keys(members);
  return `{${keys.map((key) => `${printScalar(key)}:${printJson(members[key] ?? null, of)}`).join(',')}}`;
}

function printStruct(members: { readonly [key: string]: Value }, shape: Shape & { kind: 'struct' }): string {
  const parts: string[] = [];
  for (const field of shape.fields) {
    const key = field.printed ?? field.key;
    const value = members[key];
    if (value !== undefined) parts.push(`${printScalar(key)}:${printJson(value, field.shape)}`);
  }
  return `{${parts.join(',')}}`;
}

function printScalar(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return JSON.stringify(wellFormed(value)).replace(
    /[<>&\u2028\u2029]/g,
    (character) => ESCAPED[character] ?? '',
  );
}

const encoder = new TextEncoder();
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Halves of characters have no UTF-8: Go has the replacement character there. */
function wellFormed(text: string): string {
  return text.replace(LONE_SURROGATE, '\ufffd');
}

/** Go compares strings by their UTF-8 bytes, JavaScript by UTF-16 units: they differ beyond U+FFFF. */
export function byBytes(a: string, b: string): number {
  if (!/[\ud800-\udfff]/.test(a + b)) return a < b ? -1 : a > b ? 1 : 0;
  const [left, right] = [encoder.encode(a), encoder.encode(b)];
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
