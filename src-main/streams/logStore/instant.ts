/** A time of the engine's clock: a float cannot hold nanoseconds since 1970. */
export interface Instant {
  readonly secs: number;
  readonly nanos: number;
}

export const ZERO: Instant = { secs: 0, nanos: 0 };

/** What a 32-bit second can hold: the year 2106. */
export const END_OF_TIME: Instant = { secs: 0xffff_ffff, nanos: 999_999_999 };

export function compareInstants(a: Instant, b: Instant): number {
  return a.secs - b.secs || a.nanos - b.nanos;
}

export function laterOf(a: Instant, b: Instant): Instant {
  return compareInstants(a, b) >= 0 ? a : b;
}

/** Milliseconds since the epoch, with the fraction that a float keeps (about a microsecond). */
export function toMs(instant: Instant): number {
  return instant.secs * 1000 + instant.nanos / 1_000_000;
}

export function fromMs(ms: number): Instant {
  const clamped = Math.min(Math.max(ms, 0), END_OF_TIME.secs * 1000);
  const secs = Math.floor(clamped / 1000);
  return { secs, nanos: Math.min(999_999_999, Math.round((clamped - secs * 1000) * 1_000_000)) };
}

/** As the engine's `since` takes it: `1700000000.123456789`. */
export function toEngineTime({ secs, nanos }: Instant): string {
  return `${secs}.${String(nanos).padStart(9, '0')}`;
}
