import { useEffect, useRef, useState } from 'react';
import type { AppError } from '#contract/errors.ts';
import { askAgain } from './askAgain.ts';
import { useWindow } from './hooks.ts';

/** What was answered last. */
interface Answer<T> {
  /** What it answers; undefined before the first. */
  readonly key?: string;
  readonly value?: T | undefined;
  readonly failure?: AppError | undefined;
}

export interface Asked<T> {
  readonly value?: T | undefined;
  readonly failure?: AppError | undefined;
  /** `earlier`: it answers what was asked before; the answer to what is asked now is still to come. */
  readonly answers: 'now' | 'earlier';
}

/**
 * Asks when `key` changes and gives the answer; an answer to an earlier key is dropped. The last answer stays until the next
 * one is there, so that nothing jumps, and says that it is an earlier one. What failed is asked again when the connection comes
 * back. Without `ask` there is nothing.
 */
export function useAsked<T>(ask: ((signal: AbortSignal) => Promise<T>) | undefined, key: string): Asked<T> {
  const { connection } = useWindow();
  const [last, setLast] = useState<Answer<T>>({});
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    const asked = latest.current;
    if (!asked) return setLast({ key });
    const asking = askAgain({
      connection,
      ask: asked,
      onValue: (value) => setLast({ key, value }),
      onFailure: (failure) => setLast({ key, failure }),
    });
    return () => void asking.dispose();
  }, [connection, key]);
  return askedFor(last, key);
}

/** The last answer as it is seen by who asks for `key` now. */
export function askedFor<T>({ key: answered, value, failure }: Answer<T>, key: string): Asked<T> {
  return { value, failure, answers: answered === key ? 'now' : 'earlier' };
}

/** Whether the answer to what is asked now is there, and is one: only then may it be acted on. */
export function isAnswered({ value, answers }: Asked<unknown>): boolean {
  return value !== undefined && answers === 'now';
}
