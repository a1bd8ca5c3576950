/** One timer for every "12 s ago" in the window. It stands still while nobody listens or looks. */
export interface Ticker {
  subscribe(listener: () => void): () => void;
  now(): number;
}

interface TickerOptions {
  readonly everyMs: number;
  readonly now?: (() => number) | undefined;
}

export function createTicker({ everyMs, now = Date.now }: TickerOptions): Ticker {
  const listeners = new Set<() => void>();
  let at = now();
  let timer: ReturnType<typeof setInterval> | undefined;
  const tick = () => {
    if (typeof document !== 'undefined' && document.hidden) return;
    at = now();
    for (const listener of [...listeners]) listener();
  };
  return {
    now: () => {
      // Without a timer nothing refreshes `at`; a first look must not see an old time.
      if (timer === undefined) at = now();
      return at;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      timer ??= setInterval(tick, everyMs);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}
