/** Reading what the engine sent: every field may be missing or null, whatever its documentation says. */
export type Raw = Readonly<Record<string, unknown>>;

export function record(value: unknown): Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function number(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

export function flag(value: unknown): boolean {
  return value === true;
}

/** A list of strings; podman sends a lone string for some of them. */
export function texts(value: unknown): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  return list(value).filter((item): item is string => typeof item === 'string');
}

export function textMap(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record(value)).map(([key, item]) => [key, text(item)]));
}

/** Milliseconds of an RFC 3339 time; undefined for Go's zero time, with which the engine says "never". */
export function instant(value: unknown): number | undefined {
  const at = Date.parse(text(value));
  return Number.isNaN(at) || at <= 0 ? undefined : at;
}
