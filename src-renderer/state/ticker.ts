/** One timer for every "12 s ago" in the window. It stands still while nobody listens or looks. */
export interface Ticker {
  subscribe(listener: () => void): () => void;
  now(): number;
  /** Words that depend on the time have changed: it is worth looking again as often as it can. */
  moved(): void;
}

interface TickerOptions {
  readonly everyMs: number;
  /** While no words change: after a minute they are minutes, and looking every second only keeps the processor awake. */
  readonly restMs?: number | undefined;
  readonly now?: (() => number) | undefined;
}

/** So many looks in a row without a change are a rest. */
const QUIET_LOOKS = 3;

export function createTicker({ everyMs, restMs = everyMs, now = Date.now }: TickerOptions): Ticker {
  const listeners = new Set<() => void>();
  let at = now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let quiet = 0;
  const tick = () => {
    timer = setTimeout(tick, quiet < QUIET_LOOKS ? everyMs : restMs);
    if (typeof document !== 'undefined' && document.hidden) return;
    at = now();
    quiet += 1;
    for (const listener of [...listeners]) listener();
  };
  const hurry = () => {
    const rested = quiet >= QUIET_LOOKS;
    quiet = 0;
    if (!rested || timer === undefined || restMs === everyMs) return;
    clearTimeout(timer);
    timer = setTimeout(tick, everyMs);
  };
  return {
    now: () => {
      // Without a timer nothing refreshes `at`; a first look must not see an old time.
      if (timer === undefined) at = now();
      return at;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      // Something new counts from its first second.
      hurry();
      timer ??= setTimeout(tick, everyMs);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearTimeout(timer);
        timer = undefined;
      };
    },
    moved: hurry,
  };
}
