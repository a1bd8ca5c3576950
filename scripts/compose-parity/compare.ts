/** One place where two documents disagree, as text. */
export interface Difference {
  readonly at: string;
  readonly ours: string;
  readonly theirs: string;
}

/** Everything that differs between two JSON documents, by path. */
export function differences(ours: unknown, theirs: unknown, at = ''): Difference[] {
  if (isObject(ours) && isObject(theirs)) {
    const keys = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].sort();
    return keys.flatMap((key) => differences(ours[key], theirs[key], at === '' ? key : `${at}.${key}`));
  }
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    const length = Math.max(ours.length, theirs.length);
    return Array.from({ length }, (_, index) => index).flatMap((index) =>
      differences(ours[index], theirs[index], `${at}[${index}]`),
    );
  }
  return Object.is(ours, theirs) ? [] : [{ at, ours: show(ours), theirs: show(theirs) }];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
