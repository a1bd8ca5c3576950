/** What one try says of a release. */
export type Verdict = 'good' | 'bad';

/**
 * Finds the first bad release between a good and a bad one, trying as few as can be. `releases`: oldest first; the first is known to
 * be good, the last to be bad. Gives the first bad one and the good one before it.
 */
export async function bisect(
  releases: readonly string[],
  judge: (release: string, left: number) => Promise<Verdict>,
): Promise<{ readonly good: string; readonly bad: string }> {
  let [good, bad] = [0, releases.length - 1];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    const left = Math.ceil(Math.log2(bad - good));
    if ((await judge(releases[middle] ?? '', left)) === 'bad') bad = middle;
    else good = middle;
  }
  return { good: releases[good] ?? '', bad: releases[bad] ?? '' };
}
