import { setTimeout as delay } from 'node:timers/promises';

const DEFAULT_LIMIT_MS = 10_000;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;

/**
 * Asks until `probe` neither throws nor gives undefined or false, and returns what it gave. After `limitMs` it throws what
 * the probe threw last, so that the failure names what was not so, not that time ran out.
 */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  { limitMs = DEFAULT_LIMIT_MS }: { readonly limitMs?: number } = {},
): Promise<Exclude<T, undefined | false>> {
  const end = performance.now() + limitMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const outcome = await attempt(probe);
    if ('value' in outcome) return outcome.value as Exclude<T, undefined | false>;
    if (performance.now() >= end) throw outcome.failure;
    await delay(pause);
  }
}

async function attempt<T>(probe: () => T | Promise<T>): Promise<{ value: T } | { failure: unknown }> {
  try {
    const value = await probe();
    if (value !== undefined && value !== false) return { value };
    return { failure: new Error(`it stayed ${String(value)}: ${String(probe)}`) };
  } catch (failure) {
    return { failure };
  }
}
