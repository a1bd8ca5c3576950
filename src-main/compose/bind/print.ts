import { inOrder, type Shape, type StructShape, type Value } from './shape.ts';

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
  return escaped(print(value, shape));
}

/** As JavaScript escapes; what Go does otherwise is put right in the whole text, which most never need. */
function print(value: Value, shape: Shape | undefined): string {
  if (typeof value === 'string') return JSON.stringify(wellFormed(value));
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return printList(value, shape?.kind === 'list' ? shape.of : undefined);
  const members = value as { readonly [key: string]: Value };
  if (shape?.kind === 'struct') return printStruct(members, shape);
  const keys = Object.keys(members);
  if (shape === undefined || shape.kind !== 'leaf' || shape.print === 'sorted') sortByBytes(keys);
  return printMembers(members, keys, shape?.kind === 'record' ? shape.of : undefined);
}

function printList(items: readonly Value[], of: Shape | undefined): string {
  let text = '[';
  for (const item of items) text += (text === '[' ? '' : ',') + print(item, of);
  return `${text}]`;
}

function printMembers(
  members: { readonly [key: string]: Value },
  keys: readonly string[],
  of: Shape | undefined,
): string {
  let text = '{';
  for (const key of keys)
    text += `${text === '{' ? '' : ','}${JSON.stringify(wellFormed(key))}:${print(members[key] ?? null, of)}`;
  return `${text}}`;
}

function printStruct(members: { readonly [key: string]: Value }, shape: StructShape): string {
  let text = '{';
  for (const place of inOrder(Object.keys(members), shape.printedPlaces)) {
    const field = shape.fields[place];
    const key = field?.printed ?? field?.key ?? '';
    const value = members[key];
    if (value !== undefined) text += `${text === '{' ? '' : ','}"${key}":${print(value, field?.shape)}`;
  }
  return `${text}}`;
}

function escaped(json: string): string {
  return /[<>&\u2028\u2029]/.test(json)
    ? json.replace(/[<>&\u2028\u2029]/g, (character) => ESCAPED[character] ?? '')
    : json;
}

const encoder = new TextEncoder();
const SURROGATE = /[\ud800-\udfff]/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Halves of characters have no UTF-8: Go has the replacement character there. */
function wellFormed(text: string): string {
  return SURROGATE.test(text) ? text.replace(LONE_SURROGATE, '\ufffd') : text;
}

/** Sorts in place, by bytes; most lists of keys are short and in order. */
function sortByBytes(keys: string[]): void {
  if (keys.length < 2) return;
  const odd = keys.some((key) => SURROGATE.test(key));
  keys.sort(odd ? byBytes : (a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Go compares strings by their UTF-8 bytes, JavaScript by UTF-16 units: they differ beyond U+FFFF. */
export function byBytes(a: string, b: string): number {
  if (!SURROGATE.test(a) && !SURROGATE.test(b)) return a < b ? -1 : a > b ? 1 : 0;
  const [left, right] = [encoder.encode(a), encoder.encode(b)];
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
