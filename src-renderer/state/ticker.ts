/** One timer for every "12 s ago" in the window. It stands still while nobody listens or looks. */
export interface Ticker {
  subscribe(listener: () => void): () => void;
  now(): number;
}

const TICK_MS = 1000;

export function createTicker(now: () => number = Date.now): Ticker {
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
      timer ??= setInterval(tick, TICK_MS);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}
