import { expect, test } from 'vitest';
import { describeService, progressText } from './words.ts';

test('progress in one unit, and nothing before anything is known', () => {
  const bytes = (current: number, total?: number) => progressText({ unit: 'bytes', current, total });
  expect(bytes(0, 0)).toBe('');
  expect(bytes(0)).toBe('');
  expect(bytes(12_000_000, 40_000_000)).toBe('12 of 40 MB');
  expect(bytes(12_000_000)).toBe('12 MB');
});

test('a service that differs from its file says so, unless it could not even be started', () => {
  const diverged = 'created, its files may be missing';
  const words = (status: object) => describeService({ ...SERVICE, diverged, status } as never, 0);
  const error = { kind: 'internal', message: 'No such command.' };
  expect(words({ type: 'paused' })).toBe(`paused · differs from the file: ${diverged}`);
  expect(words({ type: 'failed', at: 0, error })).toBe('No such command.');
});

const SERVICE = { name: 'api', disabled: false, replicas: [], wantedReplicas: 1 };
