import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { coreStacks } from '../support/coreStack.ts';
import { eventually } from '../support/eventually.ts';
import { HASH_COMMAND, hashOf, switchBranch, writeBranch } from '../support/manyFiles.ts';
import { needImages } from '../support/world.ts';

const FOLDER = path.join(import.meta.dirname, '../scenarios/watch-sync');
const FILES = 10_000;

beforeAll(() => needImages('busybox:1'));
const open = coreStacks();

test('a switch of 10 000 files must end in one batch, and the content be the same', {
  timeout: 600_000,
}, async () => {
  const stack = await open(FOLDER);
  const src = stack.file('app/src');
  await writeBranch(src, FILES);
  expect(await stack.boot()).toEqual({ type: 'done' });
  await stack.client.watch.start({ workspace: stack.workspace });
  const said: string[] = [];
  const before = stack.service('web').watching?.at;
  await switchBranch(src, FILES);
  const wanted = await hashOf(src);
  await eventually(
    async () => {
      const { lastAction, at } = stack.service('web').watching ?? {};
      if (at !== before && lastAction !== undefined && !said.includes(`${at}`)) said.push(`${at}`);
      return (await stack.exec('web', 'sh', '-c', `cd /app/src && ${HASH_COMMAND}`)).trim() === wanted;
    },
    { limitMs: 300_000 },
  );
  await eventually(() => stack.service('web').watching?.at !== before);
  expect(stack.service('web').watching?.lastAction).toMatch(/^synced 1\d{4} paths$/);
  expect(said.length).toBeLessThanOrEqual(1);
});
