import { cancelled } from '#contract/errors.ts';

/** A process that Ctrl-C has ended. Source: POSIX shells, 128 + SIGINT. */
export const INTERRUPTED = 130;

/**
 * when-exit, which the settings' library brings, sends every signal to the process once more when it has run its own
 * listeners. That echo comes within milliseconds, nobody's second Ctrl-C does.
 */
const ECHO_MS = 200;

/**
 * Ctrl-C (and a polite kill) the first time aborts the signal, so that the work ends in order; the second time ends the
 * process at once.
 */
export function interruptSignal(): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  let first = Number.POSITIVE_INFINITY;
  const onSignal = () => {
    if (performance.now() - first > ECHO_MS) process.exit(INTERRUPTED);
    if (controller.signal.aborted) return;
    first = performance.now();
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
