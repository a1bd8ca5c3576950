import { cancelled } from '#contract/errors.ts';

/** A process that Ctrl-C has ended. Source: POSIX shells, 128 + SIGINT. */
export const INTERRUPTED = 130;

/**
 * Ctrl-C (and a polite kill) the first time aborts the signal, so that the work ends in order; the second time ends the
 * process at once.
 */
export function interruptSignal(): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    controller.abort(cancelled());
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    dispose() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
