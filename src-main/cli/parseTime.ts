import { AppFailure } from '#contract/errors.ts';

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A point in time, milliseconds: a span before `now` (`10m`, `1h30m`), seconds since the epoch, or a date. */
export function parseTime(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return now - spanMs(text);
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return at;
  throw new AppFailure({
    kind: 'input.invalid',
    message: `${text} is no time: a span such as 10m, a date or seconds since 1970 are wanted.`,
  });
}

function spanMs(text: string): number {
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (UNITS_MS[unit ?? 's'] ?? 0),
    0,
  );
}
