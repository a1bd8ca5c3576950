import { expect, test } from 'vitest';
import type { RunId, ServiceName, WorkspaceId } from '#contract/ids.ts';
import type { Plan, Step } from '#plan/plan.ts';
import { RunTracker } from './runTracker.ts';

function pulls(...images: readonly (readonly [string, ...string[]])[]): Plan {
  const steps = images.map(([image, ...services], at) => ({
    index: at + 1,
    kind: 'pull' as const,
    image,
    services: services as ServiceName[],
    onFailure: 'fail' as const,
    cause: 'it is not here',
    after: [],
  }));
  return { steps: steps as unknown as readonly Step[], hazards: [], warnings: [] };
}

function tracker(): RunTracker {
  const ids = { workspace: 'w' as WorkspaceId, id: 'r' as RunId };
  const run = new RunTracker({ ...ids, kind: 'boot', title: 'Boot', startedAt: 0 });
  run.extend(pulls(['go', 'api', 'worker'], ['db', 'db']));
  run.apply({ type: 'stepStarted', step: 1, at: 1 });
  return run;
}

const bytes = (current: number, total?: number) => ({
  type: 'stepProgress' as const,
  step: 1,
  at: 2,
  progress: { current, unit: 'bytes' as const, rate: 5, ...(total === undefined ? {} : { total }) },
});

test('the total of all pulls is only said when every one has told its own, or the registries have', () => {
  const run = tracker();
  run.apply(bytes(10, 40));
  expect(run.record.pull).toEqual({ current: 10, total: undefined, unit: 'bytes', rate: 5 });
  run.expectPull(100);
  expect(run.record.pull).toMatchObject({ current: 10, total: 100 });
  // More came than they had said: then that is the total.
  run.apply(bytes(120));
  expect(run.record.pull).toMatchObject({ current: 120, total: 120 });
});

test('a pull for several services names them all', () => {
  expect(tracker().steps.map(({ service, services }) => service ?? services)).toEqual([
    ['api', 'worker'],
    ['db'],
  ]);
});

test('the steps of a service are found in whichever plan they came', () => {
  const run = tracker();
  run.extend(pulls(['redis', 'api']));
  expect(run.stepsOf('api').map(({ index }) => index)).toEqual([1, 3]);
  expect(run.stepsOf('api')[0]?.status).toBe('running');
  expect(run.stepsOf('nobody')).toEqual([]);
});

test('what is left to do does not count what is only waited for', () => {
  const run = tracker();
  expect(run.workLeft).toBe(2);
  run.apply({ type: 'stepDone', step: 1, at: 2 });
  run.apply({ type: 'stepSkipped', step: 2, at: 2, reason: 'cancelled' });
  expect([run.workLeft, run.record.stepsDone]).toEqual([0, 2]);
  const waits = {
    index: 1,
    kind: 'await',
    service: 'db',
    containers: [],
    condition: 'service_started',
    after: [],
  };
  run.extend({ steps: [waits] as unknown as readonly Step[], hazards: [], warnings: [] });
  expect([run.workLeft, run.record.stepsDone, run.record.steps]).toEqual([0, 2, 3]);
});
