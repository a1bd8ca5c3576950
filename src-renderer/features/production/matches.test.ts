import { expect, test } from 'vitest';
import { deferred } from '#base/deferred.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import { Notices } from '#state/notices.ts';
import { Matches } from './matches.ts';

const SHOP = 'shop' as WorkspaceId;

/** A match that begins with the api and goes on until it is stopped, or fails there. */
function matches(ends: 'stopped' | 'failed') {
  let asked = 0;
  const begun = deferred<void>();
  async function* events(signal: AbortSignal) {
    yield { type: 'began', service: 'api', run: 'r' };
    begun.resolve();
    if (ends === 'failed') {
      yield {
        type: 'ended',
        service: 'api',
        status: { type: 'failed', error: { message: 'no such image' } },
      };
      return;
    }
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
  }
  const match = async (_: unknown, { signal }: { readonly signal: AbortSignal }) => {
    asked += 1;
    return events(signal);
  };
  const notices = new Notices();
  const own = new Matches({ client: { production: { match } } as never, notices });
  const said = () => notices.store.getState().notices.map(({ title }) => title);
  return { own, said, asked: () => asked, begun: begun.promise };
}

test('a match is known while nobody looks, is the only one there, and can be stopped', async () => {
  const { own, said, asked, begun } = matches('stopped');
  const first = own.run(SHOP, 'production');
  expect(own.store.getState()).toEqual({ shop: '…' });
  await begun;
  expect(own.store.getState()).toEqual({ shop: 'api' });
  await own.run(SHOP, 'production');
  expect(asked()).toBe(1);
  own.stop(SHOP);
  await first;
  expect(own.store.getState()).toEqual({});
  expect(said()).toEqual([]);
});

test('what could not be brought there is said', async () => {
  const { own, said } = matches('failed');
  await own.run(SHOP, 'production');
  expect(said()).toEqual(['api is not as in production']);
  expect(own.store.getState()).toEqual({});
});
