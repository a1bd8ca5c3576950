import type { Advice } from '#contract/requests/builds.ts';
import type { Instruction } from '../build/dockerfile.ts';
import type { AdvisorFacts } from './advise.ts';
import { ECOSYSTEMS, type Ecosystem } from './ecosystems.ts';
import { unifiedDiff } from './unifiedDiff.ts';

/** Shorter than this nobody waits for. */
const SLOW_INSTALL_MS = 20_000;

/**
 * An install that took long in the last build downloads everything again whenever a dependency changes. Said only where it was
 * measured: without a build there is nothing to say, and a Dockerfile without such a mount is no bad one.
 */
export function cacheMountAdvice(
  facts: AdvisorFacts,
  instructions: readonly Instruction[],
): readonly Advice[] {
  for (const run of instructions.filter(({ keyword }) => keyword === 'RUN')) {
    const ecosystem = ECOSYSTEMS.find((entry) => entry.installs.test(run.rest));
    const step = facts.lastBuild?.steps.find(({ line, status }) => line === run.line && status === 'done');
    const hasMount = run.flags.some((flag) => flag.includes('type=cache'));
    if (ecosystem === undefined || hasMount || (step?.tookMs ?? 0) < SLOW_INSTALL_MS) continue;
    return [advice(facts, { run, ecosystem, costMs: step?.tookMs ?? 0 })];
  }
  return [];
}

function advice(
  facts: AdvisorFacts,
  found: { readonly run: Instruction; readonly ecosystem: Ecosystem; readonly costMs: number },
): Advice {
  const { run, ecosystem, costMs } = found;
  const lines = facts.text.split('\n');
  const mount = `--mount=type=cache,target=${ecosystem.cache}`;
  const text = lines
    .map((line, at) => (at === run.line - 1 ? line.replace(/^(\s*RUN\s+)/i, `$1${mount} `) : line))
    .join('\n');
  const file = facts.files.dockerfile;
  return {
    rule: 'cache-mount',
    severity: 'note',
    title: `${ecosystem.name} downloads everything again when one dependency changes`,
    explanation: `The install on line ${run.line} fetches all of it anew. With a cache mount the builder keeps what was downloaded, and only what is new is fetched. It needs BuildKit.`,
    line: run.line,
    costMs,
    ...(file === undefined
      ? {}
      : { change: { file, text, diff: unifiedDiff(facts.dockerfile, facts.text, text) } }),
  };
}
