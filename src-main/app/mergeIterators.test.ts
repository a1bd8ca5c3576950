import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Emitter } from '#base/emitter.ts';
import { mergeLive, mergeSorted } from './mergeIterators.ts';

async function* from<T>(items: readonly T[]): AsyncGenerator<T, void, void> {
  yield* items;
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

describe('mergeSorted', () => {
  it('gives every item of every sequence, in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(fc.nat(50))), async (lists) => {
        const sorted = lists.map((list) => [...list].sort((a, b) => a - b));
        const merged = await all(mergeSorted(sorted.map(from), (a, b) => a - b));
        expect(merged).toEqual(lists.flat().sort((a, b) => a - b));
      }),
    );
  });
});

describe('mergeLive', () => {
  it('takes sequences in that come later, and ends when none may come any more', async () => {
    const changes = new Emitter<void>();
    const waiting = [[from(['a', 'b'])], [from(['c'])], []];
    let open = true;
    const merged = all(
      mergeLive({
        changes,
        signal: new AbortController().signal,
        mayCome: async () => open,
        next: () => {
          const next = waiting.shift() ?? [];
          if (waiting.length === 0) open = false;
          return next;
        },
      }),
    );
    changes.emit();
    expect((await merged).sort()).toEqual(['a', 'b', 'c']);
    expect(changes.size).toBe(0);
  });

  it('ends when its reader gives up, with nothing left behind', async () => {
    const changes = new Emitter<void>();
    const abort = new AbortController();
    const merged = all(
      mergeLive({ changes, signal: abort.signal, mayCome: async () => true, next: () => [] }),
    );
    abort.abort();
    expect(await merged).toEqual([]);
    expect(changes.size).toBe(0);
  });
});
