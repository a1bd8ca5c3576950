import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyFrame, type ReadState, type StateFrame } from '#contract/frames.ts';
import type { RunId, WorkspaceId } from '#contract/ids.ts';
import { type RecordKey, recordKey, type StateRecord } from '#contract/model.ts';
import { StateFeed } from './stateFeed.ts';

const workspace = 'w' as WorkspaceId;

function step(index: number, label: string): StateRecord {
  return {
    type: 'step',
    workspace,
    run: 'r' as RunId,
    index,
    kind: 'other',
    label,
    cause: 'test',
    after: [],
    status: 'waiting',
  };
}

/** A reader as a window is one: it applies what comes and asks again from the start when told to. */
class Reader {
  state: ReadState | undefined;
  frames: StateFrame[] = [];

  async follow(feed: StateFeed, signal: AbortSignal, pause: () => Promise<void>): Promise<void> {
    for await (const frame of feed.watch(this.state, signal)) {
      this.frames.push(frame);
      const next = applyFrame(this.state, frame);
      if (next === 'resync') throw new Error('the feed sent a frame that does not follow');
      this.state = next;
      await pause();
    }
  }

  records(): Map<RecordKey, StateRecord> {
    return new Map(this.state?.records);
  }
}

function sorted(records: Iterable<readonly [RecordKey, StateRecord]>) {
  return [...records].sort(([a], [b]) => (a < b ? -1 : 1));
}

function held(feed: StateFeed) {
  return sorted(feed.values().map((record) => [recordKey(record), record] as const));
}

const ticks = async (count: number) => {
  for (let i = 0; i < count; i += 1) await Promise.resolve();
};

async function settle(reader: Reader, feed: StateFeed): Promise<void> {
  for (let i = 0; i < 10_000 && reader.state?.revision !== feed.revision; i += 1) await Promise.resolve();
}

function connect(reader: Reader, feed: StateFeed, delay: number): { stop(): Promise<void> } {
  const abort = new AbortController();
  const done = reader.follow(feed, abort.signal, () => ticks(delay));
  return {
    stop: () => {
      abort.abort();
      return done;
    },
  };
}

type Edit =
  | { readonly type: 'put'; readonly index: number; readonly label: string }
  | { readonly type: 'remove'; readonly index: number }
  | { readonly type: 'wait'; readonly ticks: number };

async function apply(feed: StateFeed, one: Edit): Promise<void> {
  if (one.type === 'put') feed.put(step(one.index, one.label));
  else if (one.type === 'remove') feed.update({ remove: [recordKey(step(one.index, ''))] });
  else await ticks(one.ticks);
}

describe('StateFeed', () => {
  it('sends everything first, then only what changed', async () => {
    const feed = new StateFeed('e');
    feed.put(step(1, 'a'), step(2, 'b'));
    const reader = new Reader();
    const stop = new AbortController();
    const following = reader.follow(feed, stop.signal, () => Promise.resolve());
    await settle(reader, feed);
    feed.put(step(2, 'c'));
    await settle(reader, feed);
    stop.abort();
    await following;
    expect(reader.frames).toEqual([
      {
        type: 'snapshot',
        epoch: 'e',
        revision: 1,
        records: [
          ['step:w/r/1', step(1, 'a')],
          ['step:w/r/2', step(2, 'b')],
        ],
      },
      {
        type: 'patch',
        epoch: 'e',
        since: 1,
        revision: 2,
        put: [['step:w/r/2', step(2, 'c')]],
        removed: [],
      },
    ]);
    expect(feed.watchers).toBe(0);
  });

  it('merges what changed while the reader was busy into one frame', async () => {
    const feed = new StateFeed('e');
    const frames = feed.watch(undefined);
    await frames.next();
    for (let i = 0; i < 1000; i += 1) feed.put(step(i % 3, `label ${i}`));
    const { value } = await frames.next();
    expect(value).toMatchObject({ type: 'patch', since: 0, revision: 1000, removed: [] });
    expect(value?.type === 'patch' && value.put).toHaveLength(3);
    await frames.return();
  });

  it('does not wake anybody for a record that says the same again', () => {
    const feed = new StateFeed('e');
    feed.put(step(1, 'a'));
    feed.put(step(1, 'a'));
    expect(feed.revision).toBe(1);
  });

  it('gives a reader that comes back only the changes, removals included', async () => {
    const feed = new StateFeed('e');
    feed.put(step(1, 'a'), step(2, 'b'));
    feed.update({ put: [step(3, 'c')], remove: [recordKey(step(1, ''))] });
    const { value } = await feed.watch({ epoch: 'e', revision: 1 }).next();
    expect(value).toEqual({
      type: 'patch',
      epoch: 'e',
      since: 1,
      revision: 2,
      put: [['step:w/r/3', step(3, 'c')]],
      removed: ['step:w/r/1'],
    });
  });

  it('gives a snapshot to a reader of another start, of the future, or from before the memory', async () => {
    const feed = new StateFeed('e');
    for (let i = 0; i < 6_000; i += 1) feed.put(step(i, 'a'));
    for (let i = 0; i < 5_500; i += 1) feed.update({ remove: [recordKey(step(i, ''))] });
    for (const since of [
      { epoch: 'other', revision: feed.revision },
      { epoch: 'e', revision: feed.revision + 1 },
      { epoch: 'e', revision: 6_100 },
    ]) {
      expect((await feed.watch(since).next()).value?.type).toBe('snapshot');
    }
    expect((await feed.watch({ epoch: 'e', revision: 6_500 }).next()).value?.type).toBe('patch');
  });

  it('ends every watch when it closes', async () => {
    const feed = new StateFeed('e');
    const frames = feed.watch(undefined);
    await frames.next();
    const last = frames.next();
    feed.close();
    expect((await last).done).toBe(true);
  });

  const edit = fc.oneof(
    fc.record({ type: fc.constant('put' as const), index: fc.nat(12), label: fc.string({ maxLength: 2 }) }),
    fc.record({ type: fc.constant('remove' as const), index: fc.nat(12) }),
    fc.record({ type: fc.constant('wait' as const), ticks: fc.nat(6) }),
    fc.record({ type: fc.constant('reconnect' as const) }),
  );

  it('converges for any edits, any delays of the reader and any reconnects', async () => {
    const property = fc.asyncProperty(fc.array(edit, { maxLength: 80 }), fc.nat(7), async (edits, delay) => {
      const feed = new StateFeed('e');
      const reader = new Reader();
      let following = connect(reader, feed, delay);
      for (const one of edits) {
        if (one.type === 'reconnect') {
          await following.stop();
          following = connect(reader, feed, delay);
        } else await apply(feed, one);
      }
      await settle(reader, feed);
      await following.stop();
      expect(sorted(reader.records())).toEqual(held(feed));
      expect(feed.watchers).toBe(0);
    });
    await fc.assert(property, { numRuns: 300 });
  });
});
