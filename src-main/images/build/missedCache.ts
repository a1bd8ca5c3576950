import path from 'node:path';
import type { BuildView } from '#contract/requests/builds.ts';
import { copiedPaths, type Instruction } from './dockerfile.ts';
import { IgnoreRules } from './ignoreRules.ts';

/** Names said; the others are counted. */
const FILES_SAID = 5;

/**
 * The first instruction that was done anew though those before it were cached, and the changed files that it copies.
 * Undefined where everything was cached, or where what changed is not known.
 */
export function missedCache(
  steps: BuildView['steps'],
  instructions: readonly Instruction[],
  changed: readonly string[] | undefined,
): BuildView['missed'] {
  if (changed === undefined) return undefined;
  const done = steps
    .filter(
      ({ name, line, status }) =>
        line !== undefined && status === 'done' && !isStart(name, line, instructions),
    )
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const [first] = done;
  if (first?.line === undefined) return undefined;
  const instruction = instructions.find(({ line }) => line === first.line);
  const copied = (instruction && copiedPaths(instruction)?.sources) ?? [];
  const files = changed.filter((name) => copied.some((source) => takes(source, name)));
  return {
    line: first.line,
    step: first.name,
    files: files.slice(0, FILES_SAID),
    moreFiles: Math.max(0, files.length - FILES_SAID),
    costMs: done.reduce((sum, { tookMs = 0 }) => sum + tookMs, 0),
  };
}

/** FROM takes no time that a change of ours could save. */
function isStart(name: string, line: number | undefined, instructions: readonly Instruction[]): boolean {
  return / FROM /.test(name) || instructions.find((entry) => entry.line === line)?.keyword === 'FROM';
}

function takes(source: string, name: string): boolean {
  const clean = path.posix.normalize(source).replace(/^\/|\/$/g, '');
  if (clean === '' || clean === '.') return true;
  if (name === clean || name.startsWith(`${clean}/`)) return true;
  if (!/[*?[]/.test(clean)) return false;
  const pattern = new IgnoreRules([clean]);
  const parts = name.split('/');
  return parts.some((_, at) => pattern.judge(parts.slice(0, at + 1).join('/')).ignored);
}
