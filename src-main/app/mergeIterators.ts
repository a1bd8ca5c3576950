import type { Emitter } from '#base/emitter.ts';

/** Several sorted sequences as one. Holds one item of each. */
export async function* mergeSorted<T>(
  sources: readonly AsyncIterable<T>[],
  compare: (a: T, b: T) => number,
): AsyncGenerator<T, void, void> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  try {
    const heads = await Promise.all(iterators.map((iterator) => iterator.next()));
    for (;;) {
      let least = -1;
      for (const [index, head] of heads.entries()) {
        if (head.done) continue;
        const best = heads[least];
        if (best === undefined || best.done || compare(head.value, best.value) < 0) least = index;
      }
      const head = heads[least];
      const iterator = iterators[least];
      if (head === undefined || iterator === undefined || head.done) return;
      yield head.value;
      heads[least] = await iterator.next();
    }
  } finally {
    await Promise.all(iterators.map((iterator) => iterator.return?.()));
  }
}

/**
 * Sequences as one, each item as it comes. `next` gives further sequences at the start and after every change; ends when all
 * have ended and `mayCome` says that there will be none further, or when `signal` aborts.
 */
export async function* mergeLive<T>(options: {
  readonly next: () => readonly AsyncIterable<T>[];
  readonly mayCome: () => Promise<boolean>;
  readonly changes: Emitter<void>;
  readonly signal: AbortSignal;
}): AsyncGenerator<T, void, void> {
  type Turn =
    | { readonly type: 'item'; readonly iterator: AsyncIterator<T>; readonly result: IteratorResult<T> }
    | { readonly type: 'change' };
  const turns = new Map<AsyncIterator<T> | 'change', Promise<Turn>>();
  let wake: () => void = () => {};
  const awaitChange = () => {
    turns.set(
      'change',
      new Promise((resolve) => {
        wake = () => resolve({ type: 'change' });
      }),
    );
  };
  const pull = (iterator: AsyncIterator<T>) =>
    turns.set(
      iterator,
      iterator.next().then((result) => ({ type: 'item', iterator, result })),
    );
  const heard = options.changes.on(() => wake());
  const onAbort = () => wake();
  options.signal.addEventListener('abort', onAbort, { once: true });
  try {
    awaitChange();
    for (const source of options.next()) pull(source[Symbol.asyncIterator]());
    while (!options.signal.aborted && (turns.size > 1 || (await options.mayCome()))) {
      const turn = await Promise.race(turns.values());
      if (turn.type === 'item' && !turn.result.done) {
        yield turn.result.value;
        pull(turn.iterator);
        continue;
      }
      if (turn.type === 'item') turns.delete(turn.iterator);
      else awaitChange();
      for (const source of options.next()) pull(source[Symbol.asyncIterator]());
    }
  } finally {
    heard.dispose();
    options.signal.removeEventListener('abort', onAbort);
  }
}
