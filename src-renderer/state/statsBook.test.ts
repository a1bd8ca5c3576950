import { expect, test, vi } from 'vitest';
import type { Client } from '#client/connection.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { StatsSample } from '#contract/requests/service.ts';
import { StatsBook } from './statsBook.ts';

/** How often a service is drawn for these samples of its CPU. */
async function drawnFor(...cpu: readonly number[]): Promise<number> {
  vi.useFakeTimers();
  try {
    const stats = async function* (): AsyncGenerator<readonly StatsSample[]> {
      for (const [at, share] of cpu.entries())
        yield [{ service: 'api', at, cpu: share, memoryBytes: 1_000_000, memoryLimitBytes: 0 }];
      await new Promise(() => undefined);
    };
    const book = new StatsBook({ service: { stats: async () => stats() } } as unknown as Client);
    let drawn = 0;
    book.subscribe('api', () => {
      drawn += 1;
    });
    book.want('w' as WorkspaceId, ['api']);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(book.figures('api')?.cpu).toEqual(cpu);
    book.dispose();
    return drawn;
  } finally {
    vi.useRealTimers();
  }
}

test('what moves is drawn every time', async () => {
  expect(await drawnFor(0.1, 0.2, 0.1, 0.3)).toBe(4);
});

test('what stays as it is is drawn every fifth time only', async () => {
  expect(await drawnFor(0.01, 0.01, 0.012, 0.01, 0.01, 0.01, 0.01)).toBe(2);
});
