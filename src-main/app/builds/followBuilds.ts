import type { Clock } from '#base/clock.ts';
import type { BuildView } from '#contract/requests/builds.ts';
import type { BuildBook } from './buildBook.ts';

/** A build says something with every line it prints; an eye takes less. */
const SPAN_MS = 100;

/** The last build of each service, at once and whenever one has moved on, for as long as somebody listens. */
export async function* followBuilds(
  book: BuildBook,
  clock: Clock,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly BuildView[], void, void> {
  let fresh = true;
  let wake = () => {};
  const heard = book.watch(() => {
    fresh = true;
    wake();
  });
  const onAbort = () => wake();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    while (!signal?.aborted) {
      if (!fresh) await new Promise<void>((resolve) => (wake = resolve));
      if (signal?.aborted) return;
      fresh = false;
      yield await book.latest();
      await clock.sleep(SPAN_MS, signal).catch(() => undefined);
    }
  } finally {
    heard.dispose();
    signal?.removeEventListener('abort', onAbort);
  }
}
