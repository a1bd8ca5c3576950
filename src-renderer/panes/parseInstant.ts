const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A time as one types it, in milliseconds since the epoch: `14:02`, `14:02:11.5` (today, or yesterday where that would be
 * ahead), `2026-11-20 14:02`, an ISO time with a zone, `10m` (ago; s, m, h, d). Undefined for anything else.
 */
export function parseInstant(text: string, now: number): number | undefined {
  const typed = text.trim();
  const ago = /^-?(\d+(?:\.\d+)?)\s*([smhd])$/.exec(typed);
  if (ago) return now - Number(ago[1]) * (UNIT_MS[ago[2] ?? ''] ?? 0);
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,3}))?)?$/.exec(typed);
  if (clock) return clockTime(clock, now);
  if (!/^\d{4}-\d{2}-\d{2}/.test(typed)) return undefined;
  const whole = /^\d{4}-\d{2}-\d{2}$/.test(typed) ? `${typed}T00:00` : typed.replace(' ', 'T');
  const time = Date.parse(whole);
  return Number.isNaN(time) ? undefined : time;
}

function clockTime([, hours, minutes, seconds = '0', fraction = '0']: RegExpExecArray, now: number) {
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const date = new Date(now);
  date.setHours(Number(hours), Number(minutes), Number(seconds), Number(fraction.padEnd(3, '0')));
  if (date.getTime() > now) date.setDate(date.getDate() - 1);
  return date.getTime();
}
