import type { Bytes, Duration } from '#compose/project.ts';

const NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Go's way to write a duration, `1m30s`, in nanoseconds as the engine takes them. */
export function nanoseconds(duration: Duration): number {
  let total = 0;
  for (const [, number = '0', unit = 's'] of duration.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g))
    total += Number(number) * (NANOSECONDS[unit] ?? 0);
  return Math.round(total);
}

/** In milliseconds, for our own waiting. */
export function milliseconds(duration: Duration): number {
  return nanoseconds(duration) / 1e6;
}

/** Whole seconds, rounded down, as docker compose rounds grace periods. */
export function wholeSeconds(duration: Duration): number {
  return Math.floor(nanoseconds(duration) / 1e9);
}

/** The decimal text of a size as a number; undefined stays undefined, zero too (the engine's "no limit"). */
export function bytes(text: Bytes | undefined): number | undefined {
  const value = text === undefined ? 0 : Number(text);
  return value === 0 ? undefined : value;
}

/** Without the fields that say nothing: what is left out keeps the engine's default. */
export function compact<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const kept = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(kept) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** Undefined for what is empty: lists, texts, maps, zero and false are the engine's defaults. */
export function meaningful<T>(value: T | undefined): T | undefined {
  if (value === undefined || value === null || value === '' || value === 0 || value === false)
    return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value;
  if (typeof value === 'object') return Object.keys(value).length === 0 ? undefined : value;
  return value;
}

/** Whether an engine of API `version` has what came with `since`. */
export function apiAtLeast(version: string, since: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = since.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
