import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isKind } from '#contract/errors.ts';
import { contextFolder } from './contextFolder.ts';
import { SeenContext } from './seenContext.ts';

const NOBODY = 65_534;
const isRoot = process.geteuid?.() === 0;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-unreadable-'));
  await chmod(folder, 0o755);
  await writeFile(path.join(folder, 'app.js'), 'app');
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Lists and reads all that is not ignored, as somebody who may not read everything; what was refused. */
async function refused(exclude: readonly string[] = []): Promise<string | undefined> {
  const seen = new SeenContext();
  const watched = seen.watch(contextFolder(folder));
  // Root may read everything; these tests run in a process of their own, whose effective user can be changed and changed back.
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    for await (const { kind, path: name } of watched.list({ exclude, only: [] }))
      if (kind === 'file') for await (const _ of watched.read(name));
  } catch {
    // `denied` is what counts.
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
  return isKind(seen.denied, 'path.denied') ? path.relative(folder, seen.denied.error.path) : undefined;
}

test.skipIf(process.platform === 'win32')('a file that may not be read is named, not left out', async () => {
  await writeFile(path.join(folder, 'key.pem'), 'secret');
  await chmod(path.join(folder, 'key.pem'), 0o000);
  expect(await refused()).toBe('key.pem');
  expect(await refused(['*.pem'])).toBeUndefined();
});

test.skipIf(process.platform === 'win32')('a folder that may not be looked into is named too', async () => {
  await mkdir(path.join(folder, 'data'));
  await writeFile(path.join(folder, 'data', 'a'), 'a');
  await chmod(path.join(folder, 'data'), 0o000);
  expect(await refused()).toBe('data');
  expect(await refused(['data'])).toBeUndefined();
  // Its names can be listed, what they are cannot be asked.
  await chmod(path.join(folder, 'data'), 0o444);
  expect(await refused()).toBe('data/a');
  await chmod(path.join(folder, 'data'), 0o755);
  expect(await refused()).toBeUndefined();
});
