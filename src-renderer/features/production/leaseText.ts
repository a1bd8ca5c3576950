const MINUTE_MS = 60_000;

/** "back to local in 1 h 52 min". Without an end: until somebody takes it back. */
export function leaseText(until: number | undefined, now: number): string {
  if (until === undefined) return 'until you take it back';
  const minutes = Math.ceil((until - now) / MINUTE_MS);
  if (minutes <= 0) return 'goes back to local now';
  const hours = Math.floor(minutes / 60);
  const rest = `${minutes % 60} min`;
  return `back to local in ${hours > 0 ? `${hours} h ${rest}` : rest}`;
}
