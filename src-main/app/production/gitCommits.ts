import { execFile } from 'node:child_process';
import type { ComparisonView } from '#contract/requests/production.ts';

/** A revision from a label is hostile until it is nothing but a commit's name. */
const COMMIT = /^[0-9a-f]{7,64}$/;
const LISTED = 50;
const TIMEOUT_MS = 10_000;

/**
 * How far two revisions are apart in this checkout; a side without one is what is checked out. Undefined where there is no
 * checkout, or it does not have the commit.
 */
export async function commitsBetween(
  folder: string,
  left: string | undefined,
  right: string | undefined,
  signal?: AbortSignal,
): Promise<ComparisonView['commits']> {
  if (left === undefined && right === undefined) return undefined;
  const [from, to] = [left ?? 'HEAD', right ?? 'HEAD'];
  if (![from, to].every((revision) => revision === 'HEAD' || COMMIT.test(revision))) return undefined;
  const [ahead, behind] = await Promise.all([
    log(folder, `${to}..${from}`, signal),
    log(folder, `${from}..${to}`, signal),
  ]);
  if (ahead === undefined || behind === undefined) return undefined;
  const [name, other] = [
    left ? 'the left image' : 'this checkout',
    right ? 'the right image' : 'this checkout',
  ];
  return {
    text: apart({ name, other, ahead: ahead.length, behind: behind.length }),
    list: [...ahead.map((line) => `< ${line}`), ...behind.map((line) => `> ${line}`)].slice(0, LISTED),
  };
}

/** Said of the second: that is production's, where one is. */
export function apart(facts: {
  readonly name: string;
  readonly other: string;
  /** Commits of the first that the second lacks, and the other way round. */
  readonly ahead: number;
  readonly behind: number;
}): string {
  const { name, other, ahead, behind } = facts;
  if (ahead === 0 && behind === 0) return `${other} is of the same commit as ${name}`;
  if (behind === 0) return `${other} is ${count(ahead)} behind ${name}`;
  if (ahead === 0) return `${other} is ${count(behind)} ahead of ${name}`;
  return `${other} is ${count(ahead)} behind ${name} and ${count(behind)} ahead of it`;
}

function count(commits: number): string {
  return `${commits} ${commits === 1 ? 'commit' : 'commits'}`;
}

function log(
  folder: string,
  range: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[] | undefined> {
  return new Promise((resolve) => {
    const options = { cwd: folder, timeout: TIMEOUT_MS, maxBuffer: 4 * 1024 * 1024, signal };
    execFile('git', ['log', '--format=%h %s', range, '--'], options, (failed, output) => {
      resolve(failed ? undefined : output.split('\n').filter((line) => line !== ''));
    });
  });
}
