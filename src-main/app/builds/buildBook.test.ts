import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BuildView } from '#contract/requests/builds.ts';
import { fileStore } from '#disk/fileStore.ts';
import { eventually } from '#support/eventually.ts';
import { BuildBook } from './buildBook.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-builds-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function ended(service: string, id: string): BuildView {
  return { id, service, outcome: 'done', steps: [] } as unknown as BuildView;
}

const ids = (builds: readonly BuildView[]) => builds.map(({ id }) => id);

test('a build of another process is in the book at once where somebody looks on, and neither is written over', async () => {
  const [window, command] = [new BuildBook(fileStore(folder)), new BuildBook(fileStore(folder))];
  let heard = 0;
  const watching = window.watch(() => heard++);
  expect(await window.latest()).toEqual([]);
  command.hear(ended('api', 'of the command'));
  await eventually(() => heard > 0);
  await eventually(async () => ids(await window.history('api')).length === 1);
  window.hear(ended('api', 'of the window'));
  expect(ids(await window.history('api'))).toEqual(['of the window', 'of the command']);
  watching.dispose();
  expect(ids(await command.latest())).toEqual(['of the window']);
});

test('of each service the newest are kept, and one that is at work stands before them', async () => {
  const book = new BuildBook(fileStore(folder));
  for (let build = 0; build < 25; build++) book.hear(ended('api', `api ${build}`));
  book.hear(ended('web', 'web 0'));
  book.hear({ ...ended('web', 'web 1'), outcome: 'running' });
  expect(ids(await book.history('api'))).toEqual(Array.from({ length: 20 }, (_, at) => `api ${24 - at}`));
  expect(ids(await book.history('web'))).toEqual(['web 1', 'web 0']);
  expect(ids(await book.latest())).toEqual(['api 24', 'web 1']);
});

test('what is no book counts as an empty one', async () => {
  await fileStore(folder).update('builds.json', () => '{"builds":[1,{"service":"api"}');
  expect(await new BuildBook(fileStore(folder)).latest()).toEqual([]);
});
