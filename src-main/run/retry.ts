import type { Clock } from '#base/clock.ts';
import { type AppError, AppFailure, throwIfCancelled } from '#contract/errors.ts';

/** Pauses between the tries, milliseconds; their number is the number of second chances. */
const PAUSES_MS = [100, 200, 400, 800, 1_600, 3_200];

/** Tries again what fails for a reason that passes by itself; every other failure is thrown at once. */
export async function withRetry<T>(
  work: () => Promise<T>,
  options: {
    readonly clock: Clock;
    readonly signal: AbortSignal;
    /** Why it is tried again, in words; undefined when it is not. */
    readonly isTransient: (error: AppError) => string | undefined;
    readonly onRetry: (note: string) => void;
    /** Second chances; all of them where it is left out. */
    readonly chances?: number | undefined;
  },
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    throwIfCancelled(options.signal);
    try {
      return await work();
    } catch (thrown) {
      const pause = attempt < (options.chances ?? PAUSES_MS.length) ? PAUSES_MS[attempt] : undefined;
      const reason = thrown instanceof AppFailure ? options.isTransient(thrown.error) : undefined;
      if (pause === undefined || reason === undefined) throw thrown;
      options.onRetry(`retrying: ${reason}, ${ordinal(attempt + 2)} try`);
      await options.clock.sleep(pause, options.signal);
    }
  }
}

/** The reasons that pass for every kind of step. */
export function transientReason(error: AppError): string | undefined {
  switch (error.kind) {
    case 'engine.failed':
      return error.transient ? error.message.slice(0, 120) : undefined;
    case 'engine.unreachable':
      return error.reason === 'denied' ? undefined : 'the engine does not answer';
    default:
      return undefined;
  }
}

function ordinal(number: number): string {
  const ending = number === 2 ? 'nd' : number === 3 ? 'rd' : 'th';
  return `${number}${ending}`;
}
