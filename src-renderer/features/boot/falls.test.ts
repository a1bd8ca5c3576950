import { expect, test } from 'vitest';
import { bootHistory } from '#support/window/bootFixture.ts';
import { bootingShop } from '#support/window/stacks.ts';
import { fallOfHistory } from './fallOfHistory.ts';
import { fallOfRun } from './fallOfRun.ts';
import { type Fall, factsOf } from './phases.ts';

/** `api: wait 0-2583 create 2583-2788 | path 2583-3362`; what lasts has no end. */
function drawn(fall: Fall, name: string): string {
  const row = fall.find((entry) => entry.service === name);
  const bars =
    row?.bars.map(
      ({ phase, fromMs, toMs }) =>
        `${phase} ${Math.round(fromMs)}-${toMs === undefined ? '' : Math.round(toMs)}`,
    ) ?? [];
  const path = row?.path && ` | path ${Math.round(row.path.fromMs)}-${Math.round(row.path.toMs)}`;
  return `${bars.join(' ')}${path ?? ''}`;
}

test('a boot of the past shows its phases and what decided the total', () => {
  const [boot] = bootHistory();
  if (!boot) throw new Error('The fixture has no boots.');
  const fall = fallOfHistory(boot);
  expect(drawn(fall, 'api')).toBe(
    'wait 0-2583 create 2583-2788 check 2788-3362 ready 3362-4100 | path 2583-3362',
  );
  expect(drawn(fall, 'redis')).toBe('create 0-205 check 205-369 ready 369-4100');
  expect(fall.find((row) => row.service === 'redis')?.note).toBe('ready after 0.4 s');
});

test('a boot under way shows what is done, what runs and what waits, up to now', () => {
  const now = 1_000_000;
  const { services, run, steps } = bootingShop(now);
  const fall = fallOfRun({ run, steps, services });
  expect(drawn(fall, 'redis')).toBe('create 0-150 create 150-260 check 260-400 ready 400-');
  expect(drawn(fall, 'postgres')).toBe('create 0-180 create 180-300 check 300-');
  expect(drawn(fall, 'api')).toBe('wait 0-');
  expect(drawn(fall, 'rabbitmq')).toBe('build 0-');
});

test('a step that failed is shown as such, and its service is not ready', () => {
  const now = 1_000_000;
  const { services, run, steps } = bootingShop(now);
  const broken = steps.map((step) => (step.index === 4 ? { ...step, status: 'failed' as const } : step));
  expect(drawn(fallOfRun({ run, steps: broken, services }), 'redis')).toBe(
    'create 0-150 failed 150-260 check 260-400',
  );
});

test('a service that is created and waits to be started is shown waiting', () => {
  const now = 1_000_000;
  const { services, run, steps } = bootingShop(now);
  const begin = run.startedAt;
  const created = steps.map((step) =>
    step.index === 9
      ? { ...step, status: 'done' as const, startedAt: begin + 200, finishedAt: begin + 300 }
      : step.index === 10
        ? { ...step, kind: 'start' as const, service: services[2]?.name }
        : step,
  );
  expect(drawn(fallOfRun({ run, steps: created, services }), 'api')).toBe(
    'wait 0-200 create 200-300 wait 300-',
  );
});

test('a step that ended after the clock ticked is within the picture', () => {
  const now = 1_000_000;
  const { services, run, steps } = bootingShop(now);
  const late = steps.map((step) => (step.index === 5 ? { ...step, finishedAt: now + 1900 } : step));
  const fall = fallOfRun({ run: { ...run, estimateMs: undefined }, steps: late, services });
  expect(factsOf(fall).lastEndMs).toBe(4500);
  expect(drawn(fall, 'redis')).toBe('create 0-150 create 150-260 check 260-4500 ready 4500-');
});

test('what is read off all lines are the phases in them, the last end and the longest name', () => {
  const [boot] = bootHistory();
  if (!boot) throw new Error('The fixture has no boots.');
  const past = factsOf(fallOfHistory(boot));
  expect([...past.phases].sort()).toEqual(['check', 'create', 'ready', 'run', 'wait']);
  expect(past).toMatchObject({ hasPath: true, longestName: 'storefront'.length });
  expect(factsOf(fallOfRun(bootingShop(1_000_000)))).toMatchObject({ hasPath: false, hasLog: false });
  expect(factsOf([])).toMatchObject({ lastEndMs: 0, longestName: 0 });
});

test('only the lines are made anew whose service or steps have changed', () => {
  const before = bootingShop(1_000_000);
  const [first, ...others] = before.services;
  if (!first) throw new Error('The fixture has no services.');
  const ended = before.steps.map((step) =>
    step.service === 'postgres' && step.status === 'running'
      ? { ...step, status: 'done' as const, finishedAt: 1_000_000 }
      : step,
  );
  const after = fallOfRun({
    run: { ...before.run, stepsDone: 9 },
    steps: ended,
    services: [{ ...first, status: { type: 'absent' } }, ...others],
  });
  const changed = fallOfRun(before).flatMap((row, at) => (row === after[at] ? [] : row.service));
  expect(changed).toEqual([first.name, 'postgres']);
});
