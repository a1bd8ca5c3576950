import { expect, test } from 'vitest';
import type { RunId, ServiceName } from '#contract/ids.ts';
import type { ServiceRecord } from '#contract/model.ts';
import type { StepRecord } from '#contract/runModel.ts';
import {
  bootingShop,
  engine,
  engineAway,
  failedShop,
  invalidProject,
  shop,
  workspace,
} from '#support/window/stacks.ts';
import { hasWorkLeft, summarise } from './summary.ts';

const NOW = 1_000_000;

/** `ok: 8 of 8 ready`, with the loud part between stars. */
function said(
  services: readonly ServiceRecord[],
  more: Partial<Parameters<typeof summarise>[0]> = {},
): string {
  const facts = { workspace: workspace([]), services, run: undefined, engine: engine().status, ...more };
  const { tone, lead, rest } = summarise(facts);
  return `${tone}: ${lead ? `*${lead}* ` : ''}${rest}`;
}

test('a stack that runs says how many are ready and how long the boot took', () => {
  expect(said(shop(NOW))).toBe('ok: 8 of 8 ready · booted in 4.1 s');
});

test('a failure comes before everything else', () => {
  expect(said(failedShop(NOW))).toBe('fail: *api failed* 2 wait for it · 5 ready');
  const two = failedShop(NOW).map((entry) =>
    entry.name === 'redis' ? { ...entry, status: { type: 'unhealthy' as const, since: 0 } } : entry,
  );
  expect(said(two)).toBe('fail: *2 services failed* 2 wait · 4 ready');
});

test('a boot under way says how far it is', () => {
  const { services, run } = bootingShop(NOW);
  expect(said(services, { run })).toBe('wait: booting · 1 of 8 ready');
  expect(said(services, { run: { ...run, status: { type: 'cancelling' } } })).toBe('wait: cancelling');
});

test('what runs and is still asked whether it answers is not ready', () => {
  const { run } = bootingShop(NOW);
  const awaiting = (status: StepRecord['status']): StepRecord => ({
    type: 'step',
    workspace: run.workspace,
    run: run.id,
    index: 1,
    kind: 'await',
    service: 'redis' as ServiceName,
    label: 'wait until redis is ready',
    cause: '',
    after: [],
    status,
  });
  expect(said(shop(NOW), { run, steps: [awaiting('running')] })).toBe('wait: booting · 7 of 8 ready');
  expect(said(shop(NOW), { run, steps: [awaiting('done')] })).toBe('wait: booting · 8 of 8 ready');
});

test('services in no active profile do not count', () => {
  const services = shop(NOW).map((entry) => ({ ...entry, disabled: entry.name === 'worker' }));
  expect(said(services)).toBe('ok: 7 of 7 ready · booted in 4.1 s');
});

test('what is known last is not called the truth while the engine is away or the file wrong', () => {
  expect(said(shop(NOW), { engine: engineAway(NOW).status })).toBe('fail: *the engine is away* ');
  const invalid = invalidProject();
  if (invalid.type !== 'workspace') throw new Error('The fixture is no workspace.');
  expect(said([], { workspace: invalid })).toBe('fail: *the compose file is invalid* ');
});

test('a stopped stack says so', () => {
  const services = shop(NOW).map((entry) => ({
    ...entry,
    replicas: [],
    status: { type: 'absent' as const },
  }));
  expect(said(services)).toBe('off: stopped · 8 services');
});

test('what a boot left is to be retried, what was stopped since is to be booted', () => {
  const failedBoot = { run: 'r' as RunId, totalMs: 9, outcome: 'failed' } as const;
  const failed = { ...workspace([]), lastBoot: failedBoot };
  const down = shop(NOW).map((entry) => ({ ...entry, status: { type: 'absent' as const }, replicas: [] }));
  const pulled = down.map((entry) => ({
    ...entry,
    status: { type: 'failed' as const, at: 0, error: { kind: 'internal' as const, message: 'no image' } },
  }));
  expect(hasWorkLeft(failed, failedShop(NOW))).toBe(true);
  expect(hasWorkLeft(failed, shop(NOW))).toBe(false);
  expect(hasWorkLeft(failed, down)).toBe(false);
  expect(hasWorkLeft(failed, pulled)).toBe(true);
  expect(hasWorkLeft({ ...failed, lastRun: 'stop' }, pulled)).toBe(false);
  const alone = failedShop(NOW).filter(({ name }) => name === 'api');
  expect(hasWorkLeft({ ...failed, lastRun: 'boot' }, alone)).toBe(true);
  expect(hasWorkLeft(failed, alone)).toBe(false);
  expect(hasWorkLeft({ ...failed, lastRun: 'stop' }, alone)).toBe(false);
});
