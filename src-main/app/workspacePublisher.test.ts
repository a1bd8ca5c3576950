import { expect, test } from 'vitest';
import type { RunId, WorkspaceId } from '#contract/ids.ts';
import { recordKey, type StateRecord } from '#contract/model.ts';
import type { StepRecord } from '#contract/runModel.ts';
import { StateFeed } from './stateFeed.ts';
import { WorkspacePublisher } from './workspacePublisher.ts';

function step(index: number, label: string): StepRecord {
  const ids = { workspace: 'w' as WorkspaceId, run: 'r' as RunId };
  return { type: 'step', ...ids, index, kind: 'start', label, cause: '', after: [], status: 'waiting' };
}

function published(...turns: readonly (readonly StateRecord[])[]) {
  const feed = new StateFeed('e');
  const publisher = new WorkspacePublisher(feed);
  for (const records of turns) publisher.publish(records);
  return {
    feed,
    publisher,
    labels: () =>
      feed
        .values()
        .map((record) => (record as StepRecord).label)
        .sort(),
  };
}

test('the feed holds what was published last, whether its records are new or the same objects', () => {
  const [a, b] = [step(1, 'a'), step(2, 'b')];
  expect(published([a, b], [a, step(2, 'c')]).labels()).toEqual(['a', 'c']);
  expect(published([a, b], [b]).labels()).toEqual(['b']);
  expect(published([a, b], [step(1, 'd')]).labels()).toEqual(['d']);
  expect(published([a], [b], [a]).labels()).toEqual(['a']);
});

test('records that are the same objects are no change', () => {
  const [a, b] = [step(1, 'a'), step(2, 'b')];
  const { feed } = published([a, b], [a, b], [b, a]);
  expect(feed.revision).toBe(1);
});

test('everything can be withdrawn', () => {
  const a = step(1, 'a');
  const { feed, publisher } = published([a]);
  publisher.withdraw();
  expect(feed.get(recordKey(a))).toBeUndefined();
});
