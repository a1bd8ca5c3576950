/** At most so many differences are told; one is enough to stop. */
const TOLD = 50;
/** A moment in time (`~ms` at the end of a line) may be off by this much: it was read on two servers. */
const CLOCK_TOLERANCE_MS = 2000;

/** What stands on one side only, in words. Empty: both sides hold the same. `now`: milliseconds. */
export function compareFingerprints(
  source: readonly string[],
  target: readonly string[],
  now: number,
): readonly string[] {
  const left = index(source);
  const right = index(target);
  const differences: string[] = [];
  for (const [key, moments] of left)
    differences.push(
      ...missing(key, moments, right.get(key) ?? [], now).map((line) => `only before: ${line}`),
    );
  for (const [key, moments] of right)
    differences.push(...missing(key, moments, left.get(key) ?? [], now).map((line) => `only after: ${line}`));
  return differences.slice(0, TOLD);
}

/** Lines without their moment, with the moments that came with them. */
function index(lines: readonly string[]): Map<string, (number | undefined)[]> {
  const found = new Map<string, (number | undefined)[]>();
  for (const line of lines) {
    const match = /^(.*)~(\d+)$/.exec(line);
    const key = match?.[1] ?? line;
    const moments = found.get(key) ?? [];
    moments.push(match?.[2] === undefined ? undefined : Number(match[2]));
    found.set(key, moments);
  }
  return found;
}

function missing(
  key: string,
  own: readonly (number | undefined)[],
  other: readonly (number | undefined)[],
  now: number,
): string[] {
  const left = [...other];
  return own.flatMap((moment) => {
    // What has expired, or is about to, may be gone on either side.
    if (moment !== undefined && moment < now + CLOCK_TOLERANCE_MS) return [];
    const at = left.findIndex((candidate) => same(moment, candidate));
    if (at >= 0) left.splice(at, 1);
    return at >= 0 ? [] : [key + (moment === undefined ? '' : new Date(moment).toISOString())];
  });
}

function same(a: number | undefined, b: number | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return Math.abs(a - b) <= CLOCK_TOLERANCE_MS;
}
