import type { AppError } from '#contract/errors.ts';
import type { ObservedContainer } from '#plan/observed.ts';

/** The newest thing that went wrong: a container that ended badly by itself, or a step of a run. */
export function lastFailure(
  containers: readonly ObservedContainer[],
  failures: Readonly<Record<string, { readonly error: AppError; readonly at: number }>>,
): { readonly at: number; readonly why: string } | undefined {
  const ended = containers.flatMap(({ service, exitCode, finishedAt, state, endedItself }) =>
    finishedAt !== undefined && exitCode !== 0 && state !== 'running' && endedItself !== false
      ? [{ at: finishedAt, why: `around the end of ${service} with ${exitCode}` }]
      : [],
  );
  const failed = Object.entries(failures).map(([service, { at, error }]) => ({
    at,
    why: `around the failure of ${service}: ${error.message}`,
  }));
  return [...ended, ...failed].sort((a, b) => b.at - a.at)[0];
}
