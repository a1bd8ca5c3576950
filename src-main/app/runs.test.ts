import { expect, test } from 'vitest';
import { deferred } from '#base/deferred.ts';
import type { AppError } from '#contract/errors.ts';
import type { ServiceName, WorkspaceId } from '#contract/ids.ts';
import type { Plan } from '#plan/plan.ts';
import type { RunEvent, RunResult } from '#run/events.ts';
import { Runs, type RunsContext } from './runs.ts';

const START = {
  index: 1,
  kind: 'start',
  service: 'db' as ServiceName,
  container: { type: 'existing', id: 'c1' },
  cause: 'not running',
  after: [],
};
const PLAN = { steps: [START], warnings: [] } as unknown as Plan;
const BARRED: AppError = {
  kind: 'engine.failed',
  status: 409,
  transient: true,
  message: `Task ${'0a'.repeat(32)}: already exists.`,
};

function runsWith(parts: Partial<RunsContext>): Runs {
  const nothing = () => undefined;
  return new Runs({
    workspace: 'w' as WorkspaceId,
    now: () => 0,
    newId: () => 'r',
    changed: nothing,
    onlyWaits: nothing,
    ended: nothing,
    settled: async () => undefined,
    ...parts,
  });
}

/** What becomes of a run whose plans end so, one after another, and the plans that were asked for after a failure. */
async function runOf(...results: readonly RunResult[]) {
  const asked: RunResult[] = [];
  const ended = [...results];
  const runs = runsWith({});
  const { run } = runs.begin({
    kind: 'boot',
    title: 'Boot',
    first: PLAN,
    execute: async () => ended.shift() ?? { outcome: 'done' },
    again: async (result) => {
      asked.push(result);
      return asked.length === 1 ? PLAN : undefined;
    },
  });
  const { outcome } = await runs.wait(run);
  return { outcome, asked: asked.length, steps: runs.current?.record.steps };
}

const FAILED: RunResult = { outcome: 'failed', failures: [{ step: 1, service: 'db', error: BARRED }] };

test('a failed plan that another can finish goes on in the same run', async () => {
  expect(await runOf(FAILED, { outcome: 'done' })).toEqual({ outcome: 'done', asked: 1, steps: 2 });
});

test('it fails where there is no other plan', async () => {
  expect(await runOf(FAILED, FAILED)).toEqual({ outcome: 'failed', asked: 2, steps: 2 });
});

test('nobody is asked after what was cancelled or went well', async () => {
  expect(await runOf({ outcome: 'cancelled' })).toEqual({ outcome: 'cancelled', asked: 0, steps: 1 });
  expect(await runOf({ outcome: 'done' })).toEqual({ outcome: 'done', asked: 0, steps: 1 });
});

/** Runs with a boot under way whose step is of this kind, and what ends that boot. */
async function bootAt(kind: 'await' | 'pull') {
  const runs = runsWith({});
  const plan = {
    steps: [{ ...START, kind, services: ['db'], containers: [] }],
    warnings: [],
  } as unknown as Plan;
  const begun = new Promise<void>((resolve) => {
    runs.begin({
      kind: 'boot',
      title: 'Boot',
      first: plan,
      execute: (_, { onEvent, signal }) => {
        onEvent({ type: 'stepStarted', step: 1, at: 0 });
        resolve();
        return new Promise((end) => signal.addEventListener('abort', () => end({ outcome: 'cancelled' })));
      },
    });
  });
  await begun;
  return runs;
}

test('a boot that only waits for a service makes way', async () => {
  const runs = await bootAt('await');
  await runs.makeWay();
  expect(runs.current?.record.status).toEqual({ type: 'cancelled' });
});

test('a boot that has started everything ends for what is asked for next, and nothing else does', async () => {
  const waits = await bootAt('await');
  await waits.endWaits();
  expect(waits.current?.record.status).toEqual({ type: 'cancelled' });
  const works = await bootAt('pull');
  await works.endWaits();
  expect(works.current?.record.status).toEqual({ type: 'running' });
  await works.dispose();
});

test('who begins work of his own is given room by what only waits, and told of what still works', async () => {
  const waits = await bootAt('await');
  expect(waits.current?.record.onlyWaits).toBe(true);
  await waits.makeRoom();
  expect(waits.current?.record.onlyWaits).toBeUndefined();
  const works = await bootAt('pull');
  expect(works.current?.record.onlyWaits).toBeUndefined();
  await expect(works.makeRoom()).rejects.toMatchObject({ error: { kind: 'run.busy' } });
  await works.dispose();
});

test('what has done its work is waited for while the world is looked at once more', async () => {
  const settled = deferred<void>();
  const runs = runsWith({ settled: () => settled.promise });
  runs.beginFree({ kind: 'switch', title: 'Switch', steps: [], work: async () => undefined });
  await new Promise(setImmediate);
  expect(() => runs.requireFree()).toThrow('Switch is still at work.');
  const over = runs.endWaits();
  settled.resolve();
  await over;
  runs.requireFree();
  expect(runs.current?.record.status).toEqual({ type: 'done' });
});

test('a boot that still works does not', async () => {
  const runs = await bootAt('pull');
  await expect(runs.makeWay()).rejects.toMatchObject({ error: { kind: 'run.busy' } });
  await runs.dispose();
});

test('it is told when a plan only waits any more, and not at the end of one that waits for nobody', async () => {
  let told = 0;
  const runs = runsWith({
    onlyWaits: () => {
      told += 1;
    },
  });
  const AWAIT = { ...START, index: 2, kind: 'await', containers: [], after: [1] };
  const execute = async (plan: Plan, { onEvent }: { onEvent: (event: RunEvent) => void }) => {
    const seen: number[] = [];
    for (const { index } of plan.steps) {
      onEvent({ type: 'stepDone', step: index, at: 1 });
      seen.push(told);
    }
    expect(seen).toEqual(plan.steps.length === 1 ? [0] : [1, 1]);
    return { outcome: 'done' } as const;
  };
  const both = { steps: [START, AWAIT], warnings: [] } as unknown as Plan;
  const { run } = runs.begin({ kind: 'boot', title: 'Boot', first: PLAN, next: nextOnce(both), execute });
  await expect(runs.wait(run)).resolves.toEqual({ outcome: 'done' });
  expect(told).toBe(1);
});

function nextOnce(plan: Plan): () => Promise<Plan | undefined> {
  const plans = [plan];
  return async () => plans.shift();
}
