import type { CarryContext } from '../profile.ts';
import type { MoveProgress } from './moveProgress.ts';
import { majorOf } from './psql.ts';
import { PsqlSession } from './session.ts';

export interface WatchCopies {
  readonly progress: MoveProgress;
  /** false: there is nothing to watch. */
  readonly any: boolean;
}

/** Tells how far the copies under way are, which the target knows since version 14. `end` resolves when it has stopped. */
export function watchCopies(context: CarryContext, watch: WatchCopies): { end(): Promise<void> } {
  if (!watch.any || majorOf(context.target) < 14) return { end: async () => undefined };
  const stop = new AbortController();
  const { signal } = context;
  const done = look(context, watch, signal ? AbortSignal.any([signal, stop.signal]) : stop.signal);
  return {
    end: () => {
      stop.abort();
      return done;
    },
  };
}

/** The server does the waiting. What fails here is only the looking on: the copies themselves say what went wrong. */
async function look({ target }: CarryContext, { progress }: WatchCopies, signal: AbortSignal): Promise<void> {
  const session = await PsqlSession.open(target, 'postgres', signal).catch(() => undefined);
  if (session === undefined) return;
  signal.addEventListener('abort', () => session.close(), { once: true });
  try {
    while (!signal.aborted) {
      const [line = '0 0'] = await session.query('postgres', COPIES);
      const [bytes = 0, rows = 0] = line.split(' ').map(Number);
      if (!signal.aborted && bytes > 0) progress.underway({ bytes, rows });
    }
  } catch {
    // See above.
  } finally {
    session.close();
  }
}

const COPIES = `
SELECT pg_sleep(0.5);
SELECT coalesce(sum(bytes_processed), 0) || ' ' || coalesce(sum(tuples_processed), 0) FROM pg_stat_progress_copy
  WHERE command = 'COPY FROM';
`;
