import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Logger } from './coreOptions.ts';
import { Settings } from './settings.ts';

let root: string;
let warned: string[];
beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'slipway-settings-'));
  warned = [];
});
afterEach(() => rm(root, { recursive: true, force: true }));

const silent = () => undefined;

function open(folder: string): Settings {
  const logger: Logger = {
    debug: silent,
    info: silent,
    warn: (_, message) => warned.push(message),
    error: silent,
  };
  return new Settings(folder, logger);
}

const RECENT = { folder: '/p', name: 'p', openedAt: 1 };

test('a choice is there at the next start', async () => {
  const folder = path.join(root, 'config');
  await open(folder).setTheme('dark');
  await open(folder).remember(RECENT);
  expect(await open(folder).read()).toMatchObject({ theme: 'dark', recents: [RECENT] });
  expect(warned).toEqual([]);
});

test('where nothing can be written the defaults hold, and a choice for as long as the app runs', async () => {
  const folder = path.join(root, 'config');
  // No right to write would not keep root out; a file in the folder's place does.
  await writeFile(folder, '');
  const settings = open(folder);
  expect(await settings.read()).toMatchObject({ theme: 'system', recents: [], gateway: { on: false } });
  await settings.remember(RECENT);
  await settings.setTheme('dark');
  expect(await settings.read()).toMatchObject({ theme: 'dark', recents: [RECENT] });
  expect(warned).toContain('the settings cannot be written');
  await rm(folder);
  await mkdir(folder);
  await settings.setGateway({ on: true, port: 1234 });
  expect(await open(folder).read()).toEqual({
    theme: 'dark',
    recents: [RECENT],
    gateway: { on: true, port: 1234 },
  });
});
