import { expect, test } from 'vitest';
import { deferred } from '#base/deferred.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import { Notices } from '#state/notices.ts';
import { Imports } from './imports.ts';

const SHOP = 'shop' as WorkspaceId;

/** Imports whose requests are answered by hand. */
function imports() {
  const asked: string[] = [];
  const answers = deferred<{ name: string }>();
  const importCheckpoint = ({ file }: { readonly file: string }) => {
    asked.push(file);
    return answers.promise;
  };
  const notices = new Notices();
  const own = new Imports({ client: { data: { importCheckpoint } } as never, notices });
  const said = () => notices.store.getState().notices.map(({ title }) => title);
  return { own, asked, said, ...answers };
}

test('one is taken in at a time, and counted when it is there', async () => {
  const { own, asked, said, resolve } = imports();
  const first = own.take(SHOP, '/a.slipway');
  expect(own.store.getState()).toEqual({ running: [SHOP], done: 0 });
  expect(await own.take(SHOP, '/a.slipway')).toBe(false);
  resolve({ name: 'monday' });
  expect(await first).toBe(true);
  expect(own.store.getState()).toEqual({ running: [], done: 1 });
  expect(asked).toEqual(['/a.slipway']);
  expect(said()).toEqual(['monday is imported']);
});

test('one that fails says so, and the next may be tried', async () => {
  const { own, said, reject } = imports();
  const first = own.take(SHOP, '/nowhere');
  reject(new Error('no such file'));
  expect(await first).toBe(false);
  expect(own.store.getState()).toEqual({ running: [], done: 0 });
  expect(said()).toEqual(['Import failed']);
});
