import { useEffect, useRef, useState } from 'react';
import { type AppError, toAppError } from '#contract/errors.ts';

interface Asked<T> {
  readonly value?: T | undefined;
  readonly failure?: AppError | undefined;
}

/**
 * Asks when `key` changes and gives the answer; an answer to an earlier key is dropped. The last answer stays until the next
 * one is there, so that nothing jumps. Without `ask` there is nothing.
 */
export function useAsked<T>(ask: ((signal: AbortSignal) => Promise<T>) | undefined, key: string): Asked<T> {
  const [asked, setAsked] = useState<Asked<T>>({});
  const latest = useRef(ask);
  latest.current = ask;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for what is asked.
  useEffect(() => {
    if (!latest.current) return setAsked({});
    const abort = new AbortController();
    latest.current(abort.signal).then(
      (value) => !abort.signal.aborted && setAsked({ value }),
      (thrown: unknown) => !abort.signal.aborted && setAsked({ failure: toAppError(thrown) }),
    );
    return () => abort.abort();
  }, [key]);
  return asked;
}
