import type { Disposable } from '#base/disposables.ts';
import type { Connection } from '#client/connection.ts';
import { type AppError, toAppError } from '#contract/errors.ts';

export interface Asking<T> {
  readonly connection: Pick<Connection, 'onStatus'>;
  readonly ask: (signal: AbortSignal) => Promise<T>;
  readonly onValue: (value: T) => void;
  readonly onFailure: (error: AppError) => void;
}

/** Asks, and after a failure once more whenever the connection comes back: what failed with it is not left failed. */
export function askAgain<T>({ connection, ask, onValue, onFailure }: Asking<T>): Disposable {
  const abort = new AbortController();
  let failed = false;
  const send = () => {
    failed = false;
    ask(abort.signal).then(
      (value) => !abort.signal.aborted && onValue(value),
      (thrown: unknown) => {
        if (abort.signal.aborted) return;
        failed = true;
        onFailure(toAppError(thrown));
      },
    );
  };
  const listening = connection.onStatus(({ type }) => {
    if (type === 'connected' && failed) send();
  });
  send();
  return {
    dispose: () => {
      abort.abort();
      return listening.dispose();
    },
  };
}
