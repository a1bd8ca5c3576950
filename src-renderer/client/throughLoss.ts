import { isKind } from '#contract/errors.ts';
import type { Connection, ConnectionStatus } from './connection.ts';

/** A core that ended is there again well within this. */
const AWAY_LIMIT_MS = 15_000;

/**
 * A request that may be made twice: where the connection is lost it waits for it, and what the loss has ended is asked again. For a
 * bounded time, then it fails as any request does.
 */
export async function throughLoss<T>(
  connection: Connection,
  ask: () => Promise<T>,
  { limitMs = AWAY_LIMIT_MS }: { readonly limitMs?: number } = {},
): Promise<T> {
  const end = performance.now() + limitMs;
  const rest = () => end - performance.now();
  await statusThat(connection, isSettled, rest());
  for (;;) {
    const { status } = connection;
    try {
      return await ask();
    } catch (thrown) {
      if (status.type !== 'connected' || !isKind(thrown, 'protocol.closed')) throw thrown;
      // A connection is said to be lost some time after its requests have failed.
      await statusThat(connection, (now) => now !== status && isSettled(now), rest());
      if (connection.status === status) throw thrown;
    }
  }
}

/** There, or gone until somebody does something about it. */
function isSettled({ type }: ConnectionStatus): boolean {
  return type !== 'lost' && type !== 'connecting';
}

/** Resolves once `wanted` holds of the status, and after `limitMs` in any case. */
function statusThat(
  connection: Connection,
  wanted: (status: ConnectionStatus) => boolean,
  limitMs: number,
): Promise<void> {
  if (wanted(connection.status)) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(limit);
      void listening.dispose();
      resolve();
    };
    const limit = setTimeout(end, Math.max(0, limitMs));
    const listening = connection.onStatus((status) => wanted(status) && end());
  });
}
