import { expect, test, vi } from 'vitest';
import type { Client } from '#client/connection.ts';
import type { ServiceName, WorkspaceId } from '#contract/ids.ts';
import type { StatsSample } from '#contract/requests/service.ts';
import { type Measured, StatsBook } from './statsBook.ts';

const api: Measured = {
  workspace: 'w' as WorkspaceId,
  name: 'api' as ServiceName,
  replicas: [{ state: 'running' }],
};

/** How often a service is drawn for these samples of its CPU, one a second. */
async function drawnFor(...cpu: readonly number[]): Promise<number> {
  return (await taken(cpu.map((share, second) => [second, share] as const))).drawn;
}

/** What becomes of these samples: when in seconds, and the share of a core. */
async function taken(samples: readonly (readonly [at: number, cpu: number])[]) {
  vi.useFakeTimers();
  try {
    const stats = async function* (): AsyncGenerator<readonly StatsSample[]> {
      for (const [at, cpu] of samples)
        yield [{ service: 'api', at: at * 1000, cpu, memoryBytes: 1_000_000, memoryLimitBytes: 0 }];
      await new Promise(() => undefined);
    };
    const book = new StatsBook({ service: { stats: async () => stats() } } as unknown as Client);
    let drawn = 0;
    book.subscribe('api', () => {
      drawn += 1;
    });
    book.want('w' as WorkspaceId, ['api']);
    await vi.advanceTimersByTimeAsync(1_000);
    const cpu = book.figures(api)?.cpu;
    book.dispose();
    return { drawn, cpu };
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

test('a sample after a pause stands for the seconds before it', async () => {
  const resting = [
    [0, 0.5],
    [5.02, 0],
    [6.01, 0.2],
  ] as const;
  expect(await taken(resting)).toEqual({ drawn: 3, cpu: [0.5, 0, 0, 0, 0, 0, 0.2] });
});

test('what moved goes on to the left while nothing new is told, and then nothing wakes the window any more', async () => {
  vi.useFakeTimers();
  try {
    const stats = async function* (): AsyncGenerator<readonly StatsSample[]> {
      const common = { service: 'api', memoryBytes: 1_000_000, memoryLimitBytes: 0 };
      yield [{ ...common, at: 0, cpu: 0.5 }];
      yield [{ ...common, at: 1_000, cpu: 0 }];
      await new Promise(() => undefined);
    };
    const book = new StatsBook({ service: { stats: async () => stats() } } as unknown as Client);
    book.want('w' as WorkspaceId, ['api']);
    await vi.advanceTimersByTimeAsync(11_000);
    expect(book.figures(api)?.cpu).toEqual([0.5, ...Array(11).fill(0)]);
    await vi.advanceTimersByTimeAsync(80_000);
    expect(book.figures(api)?.cpu).toEqual(Array(60).fill(0));
    expect(vi.getTimerCount()).toBe(0);
    book.dispose();
  } finally {
    vi.useRealTimers();
  }
});

test('a service that begins to work after a rest has rested until then', async () => {
  const woken = [
    [0, 0.001],
    [4, 0.8],
    [5, 0.9],
  ] as const;
  expect((await taken(woken)).cpu).toEqual([0.001, 0.001, 0.001, 0.001, 0.8, 0.9]);
});

test('a second that is read late stands where it was, in place of the rest that was guessed', async () => {
  vi.useFakeTimers();
  try {
    const common = { service: 'api', memoryBytes: 1_000_000, memoryLimitBytes: 0 };
    const stats = async function* (): AsyncGenerator<readonly StatsSample[]> {
      yield [{ ...common, at: 0, cpu: 0 }];
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      for (const at of [4_000, 5_000, 6_000]) yield [{ ...common, at, cpu: 0.7 }];
      await new Promise(() => undefined);
    };
    const book = new StatsBook({ service: { stats: async () => stats() } } as unknown as Client);
    book.want('w' as WorkspaceId, ['api']);
    await vi.advanceTimersByTimeAsync(6_500);
    expect(book.figures(api)?.cpu).toEqual([0, 0, 0, 0, 0.7, 0.7, 0.7]);
    book.dispose();
  } finally {
    vi.useRealTimers();
  }
});

test('figures are of what runs, and of the project they were taken in', async () => {
  vi.useFakeTimers();
  try {
    const stats = async function* (): AsyncGenerator<readonly StatsSample[]> {
      yield [{ service: 'api', at: 0, cpu: 0.5, memoryBytes: 1_000_000, memoryLimitBytes: 0 }];
      await new Promise(() => undefined);
    };
    const book = new StatsBook({ service: { stats: async () => stats() } } as unknown as Client);
    book.want('w' as WorkspaceId, ['api']);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(book.figures(api)?.memoryBytes).toBe(1_000_000);
    expect(book.figures({ ...api, replicas: [{ state: 'exited' }] })).toBeUndefined();
    const other = { ...api, workspace: 'v' as WorkspaceId };
    expect(book.figures(other)).toBeUndefined();
    book.want('v' as WorkspaceId, ['api']);
    expect(book.figures(other)).toBeUndefined();
    expect(book.figures(api)).toBeUndefined();
    book.dispose();
  } finally {
    vi.useRealTimers();
  }
});
