import { expect, it } from 'vitest';
import type { TextStore } from '#base/textStore.ts';
import { FailedSwitches } from './failedSwitches.ts';

function memory(): TextStore & { readonly files: Map<string, string> } {
  const files = new Map<string, string>();
  return {
    files,
    read: async (name) => files.get(name),
    update: async (name, change) => void files.set(name, change(files.get(name))),
    watch: () => ({ dispose: () => undefined }),
  };
}

const FAILED = { to: '17', at: 7, message: 'It differs.', details: [], image: 'postgres:15' };

it('is still known to the next process, for its own service only', async () => {
  const store = memory();
  await new FailedSwitches(store).put('db', FAILED);
  expect(await new FailedSwitches(store).of('db')).toEqual(FAILED);
  expect(await new FailedSwitches(store).of('cache')).toBeUndefined();
});

it('forgets what was read', async () => {
  const failed = new FailedSwitches(memory());
  await failed.put('db', FAILED);
  await failed.put('cache', FAILED);
  await failed.forget('db');
  expect(await failed.of('db')).toBeUndefined();
  expect(await failed.of('cache')).toEqual(FAILED);
});

it('takes a damaged file for none', async () => {
  const store = memory();
  store.files.set('failed.json', '{"db":');
  expect(await new FailedSwitches(store).of('db')).toBeUndefined();
});
