import { isBarred } from '#plan/divergence.ts';
import type { RunResult } from './events.ts';

/**
 * Whether a run failed at nothing but containers that the engine, killed in the middle of their start, will never start again:
 * a plan made now replaces them, and does what was left.
 */
export function failedOnlyAtBarred(result: RunResult): boolean {
  return result.outcome === 'failed' && result.failures.every(({ error }) => isBarred(error.message));
}
