import type { FallSpan } from './phases.ts';

/** Seconds at which the right edge of a boot under way stands: round on the axis, and a few steps a minute. */
const EDGES = [1, 2, 3, 4, 5, 6, 8];

/**
 * Where the picture of a boot ends that has come to `reachedMs`: at what it will probably take, beyond that at the next round
 * number, so that all bars need not move from frame to frame. One that is over ends where it ended.
 */
export function rightEdge({ endedAt, expectedMs = 0 }: FallSpan, reachedMs: number): number {
  if (endedAt !== undefined) return Math.max(1, reachedMs);
  if (expectedMs > 0 && reachedMs <= expectedMs) return expectedMs;
  for (let scale = 1000; ; scale *= 10) {
    const edge = EDGES.find((seconds) => reachedMs <= seconds * scale);
    if (edge !== undefined) return edge * scale;
  }
}
