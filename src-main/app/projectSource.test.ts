import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ProjectSource } from './projectSource.ts';

let folder: string;
let source: ProjectSource;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-source-'));
  await write('.env', 'TAG=1\n');
  await write('compose.yaml', 'services: {api: {image: "acme/api:$TAG"}}\n');
  source = new ProjectSource({ folder }, {});
  await source.load();
});
afterEach(async () => {
  await source.dispose();
  await rm(folder, { recursive: true, force: true });
});

const write = (name: string, text: string) => writeFile(path.join(folder, name), text);
const image = () => source.require().services['api']?.image;

it('takes in what was saved a moment ago, without waiting to be told by the file system', async () => {
  expect(image()).toBe('acme/api:1');
  await write('.env', 'TAG=2\n');
  await source.loadIfChanged();
  expect(image()).toBe('acme/api:2');
  await rm(path.join(folder, '.env'));
  await source.loadIfChanged();
  expect(image()).toBe('acme/api:');
});

it('does not read again what nobody has touched', async () => {
  const before = source.require();
  await source.loadIfChanged();
  expect(source.require()).toBe(before);
});
