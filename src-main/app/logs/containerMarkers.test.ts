import { expect, test } from 'vitest';
import type { ContainerId } from '#contract/ids.ts';
import { ContainerHistory } from './containerMarkers.ts';

type Seen = Parameters<ContainerHistory['next']>[0][number];

const db = (change: Partial<Omit<Seen, 'id'>> & { readonly id?: string } = {}): Seen => ({
  service: 'db',
  number: 1,
  state: 'running',
  image: 'postgres:15',
  startedAt: 1000,
  finishedAt: undefined,
  exitCode: 0,
  ...change,
  id: (change.id ?? 'a') as ContainerId,
});

function told(...pictures: readonly (readonly Seen[])[]): readonly object[] {
  const history = new ContainerHistory();
  return pictures.flatMap((picture) =>
    history.next(picture, 9000).map(({ atMs, marker }) => ({ atMs, ...marker })),
  );
}

test('the first picture says nothing, and one that is the same neither', () => {
  expect(told([db()], [db()])).toEqual([]);
});

test('a start, an end and another start of one container', () => {
  const ended = db({ state: 'exited', finishedAt: 2000, exitCode: 3 });
  expect(
    told([], [db({ state: 'created', startedAt: undefined })], [db()], [ended], [db({ startedAt: 3000 })]),
  ).toEqual([
    { atMs: 1000, type: 'started' },
    { atMs: 2000, type: 'exited', exitCode: 3 },
    { atMs: 3000, type: 'restarted' },
  ]);
});

test('one that began and ended between two pictures still tells both', () => {
  expect(told([], [db({ state: 'exited', finishedAt: 1500, exitCode: 1 })])).toEqual([
    { atMs: 1000, type: 'started' },
    { atMs: 1500, type: 'exited', exitCode: 1 },
  ]);
});

test('another container of the same replica is a recreation, and with another image a switch', () => {
  expect(told([db()], [], [db({ id: 'b', startedAt: 4000 })])).toEqual([{ atMs: 4000, type: 'recreated' }]);
  expect(told([db()], [db({ id: 'b', startedAt: 4000, image: 'postgres:17' })])).toEqual([
    { atMs: 4000, type: 'switched', from: 'postgres:15', to: 'postgres:17' },
  ]);
});

test('an end that was over before anybody looked is told where it was heard of', () => {
  const again = db({ startedAt: 3000, lastExit: { at: 2000, exitCode: 143 } });
  expect(told([db()], [again], [again])).toEqual([
    { atMs: 2000, type: 'exited', exitCode: 143 },
    { atMs: 3000, type: 'restarted' },
  ]);
});

test('an end that is heard of after the new start was seen is told once', () => {
  const again = db({ startedAt: 3000 });
  const heard = db({ startedAt: 3000, lastExit: { at: 2000, exitCode: 143 } });
  expect(told([db()], [again], [heard], [heard])).toEqual([
    { atMs: 3000, type: 'restarted' },
    { atMs: 2000, type: 'exited', exitCode: 143 },
  ]);
});

test('an end that a picture showed is not told again when it runs again', () => {
  const lastExit = { at: 2000, exitCode: 3 };
  const ended = db({ state: 'exited', finishedAt: 2000, exitCode: 3 });
  expect(told([db()], [ended], [{ ...ended, lastExit }], [db({ startedAt: 3000, lastExit })])).toEqual([
    { atMs: 2000, type: 'exited', exitCode: 3 },
    { atMs: 3000, type: 'restarted' },
  ]);
});
