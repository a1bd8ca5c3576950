import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { BuildEntry } from '#engine/builds.ts';
import { IgnoreRules } from './ignoreRules.ts';

type Choice = (name: string, kind: BuildEntry['kind']) => 'in' | 'way' | 'out';

const ALL: Choice = () => 'in';

/**
 * Which paths a build asked for: a Dockerfile that copies `src` needs nothing else of the folder. Where one of the paths leads
 * through a symbolic link everything counts as asked for: too much is right, too little is not.
 */
export async function pathChoice(root: string, only: readonly string[]): Promise<Choice> {
  const wanted = only.map((entry) => path.posix.normalize(entry).replace(/^\/+|\/+$/g, ''));
  if (wanted.length === 0 || wanted.some((entry) => entry === '' || entry === '.')) return ALL;
  if (wanted.some((entry) => /[*?[\\]/.test(entry.split('/').slice(0, -1).join('/')))) return ALL;
  for (const entry of wanted) if (await leadsThroughLink(root, entry)) return ALL;
  const whole = new IgnoreRules(wanted);
  const ways = new Set(wanted.flatMap(parentsOf));
  return (name) => {
    const within = [...parentsOf(name), name].some((part) => whole.judge(part).ignored);
    if (within) return 'in';
    return ways.has(name) ? 'way' : 'out';
  };
}

function parentsOf(name: string): string[] {
  const parts = name.split('/');
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('/'));
}

async function leadsThroughLink(root: string, entry: string): Promise<boolean> {
  // A pattern may name a link: what it leads to is not looked for.
  if (/[*?[\\]/.test(entry)) return true;
  for (const part of [...parentsOf(entry), entry]) {
    const facts = await lstat(path.join(root, part)).catch(() => undefined);
    if (facts?.isSymbolicLink()) return true;
  }
  return false;
}
