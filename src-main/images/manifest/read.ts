/**
 * Ways into data that came from outside: nothing is assumed of it, inherited properties are not seen, and what is shown to a
 * person has no control characters that a terminal would obey.
 */

/** More than any name, image or argument that means something. */
const TEXT_LIMIT = 2_000;
/** More containers, variables or arguments than one manifest of a sane size has. */
const LIST_LIMIT = 5_000;
/** What a terminal or a line of text would obey: C0, C1, line separators, changes of direction. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** The value at a path of keys; undefined where there is none. */
export function at(value: unknown, ...keys: readonly string[]): unknown {
  let here = value;
  for (const key of keys) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Readonly<Record<string, unknown>>)[key];
  }
  return here;
}

/** A text, or a number or truth value as text; undefined for everything else and for nothing. */
export function textAt(value: unknown, ...keys: readonly string[]): string | undefined {
  const found = at(value, ...keys);
  if (typeof found !== 'string' && typeof found !== 'number' && typeof found !== 'boolean') return undefined;
  const clean = cleanText(String(found));
  return clean === '' ? undefined : clean;
}

export function numberAt(value: unknown, ...keys: readonly string[]): number | undefined {
  const found = at(value, ...keys);
  const number = typeof found === 'string' && found.trim() !== '' ? Number(found) : found;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

export function listAt(value: unknown, ...keys: readonly string[]): readonly unknown[] {
  const found = at(value, ...keys);
  return Array.isArray(found) ? found.slice(0, LIST_LIMIT) : [];
}

/** Texts of a list; undefined where there is no list. */
export function textsAt(value: unknown, ...keys: readonly string[]): readonly string[] | undefined {
  const found = at(value, ...keys);
  if (!Array.isArray(found)) return undefined;
  return found.slice(0, LIST_LIMIT).flatMap((entry) => textAt({ entry }, 'entry') ?? []);
}

/** The entries of a mapping, in its order. */
export function entriesAt(
  value: unknown,
  ...keys: readonly string[]
): readonly (readonly [string, unknown])[] {
  const found = at(value, ...keys);
  return isRecord(found)
    ? Object.entries(found)
        .slice(0, LIST_LIMIT)
        .map(([key, entry]) => [cleanText(key), entry] as const)
    : [];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Without control characters, and not endless. */
export function cleanText(text: string): string {
  return text.slice(0, TEXT_LIMIT).replace(CONTROL, ' ').trim();
}

/** Each once, sorted. */
export function sorted(texts: Iterable<string>): readonly string[] {
  return [...new Set(texts)].sort();
}
