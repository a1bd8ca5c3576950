import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadProject } from '#compose/load.ts';
import { DiskReader } from './composeReader.ts';
import { ProjectSource } from './projectSource.ts';

/** Every one of these ends long before, on a machine that does nothing else. */
const LIMIT_MS = 40_000;
/** What the load may hold on to when it is over, in bytes: less than the files themselves would take. */
const KEPT_BYTES = 500e6;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-hostile-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const times = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => make(i)).join('');

const HOSTILE: Readonly<Record<string, () => string | Uint8Array>> = {
  'a billion laughs': () =>
    `x-0: &a0 [lol]\n${times(40, (i) => `x-${i + 1}: &a${i + 1} [*a${i}, *a${i}, *a${i}, *a${i}]\n`)}`,
  'merge keys that double': () =>
    `x-0: &a0 {k: v}\n${times(3000, (i) => `x-${i + 1}: &a${i + 1} {<<: [*a${i}, *a${i}], k${i}: v}\n`)}`,
  '50 MB': () => `services:\n  a:\n    image: a\n    environment:\n${'      KEY: value\n'.repeat(3_000_000)}`,
  'a million values': () => `services:\n  a:\n    environment:\n${times(300_000, (i) => `      K${i}: v\n`)}`,
  'nesting without end': () => `services: ${'{a: '.repeat(100_000)}`,
  'lists without end': () => `x-a: ${'['.repeat(500_000)}`,
  'variables in variables': () => `services: {a: {image: "${'${A:-'.repeat(50_000)}"}}`,
  'bytes that are no text': () => new Uint8Array([0x73, 0xff, 0xfe, 0x80]),
  'an include of itself': () => 'include: [compose.yaml]\nservices: {a: {image: a}}\n',
  'an extends of itself': () => 'services: {a: {extends: {file: compose.yaml, service: a}}}\n',
  'a circle of ten thousand': () =>
    `services:\n${times(10_000, (i) => `  s${i}: {image: a, depends_on: [s${(i + 1) % 10_000}]}\n`)}`,
};

async function status() {
  const source = new ProjectSource({ folder }, {});
  const began = performance.now();
  await source.load();
  const took = performance.now() - began;
  await source.dispose();
  return { status: source.status, took };
}

test.each(Object.keys(HOSTILE))('%s is refused in time, with a word', { timeout: 90_000 }, async (name) => {
  await writeFile(path.join(folder, 'compose.yaml'), HOSTILE[name]?.() ?? '');
  const before = process.memoryUsage().heapUsed;
  const found = await status();
  expect(found.status.type).toBe('invalid');
  expect(found.took).toBeLessThan(LIMIT_MS);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(KEPT_BYTES);
});

test('symbolic links in a circle are refused', async () => {
  await symlink('other.yaml', path.join(folder, 'compose.yaml'));
  await symlink('compose.yaml', path.join(folder, 'other.yaml'));
  expect((await status()).status.type).toBe('invalid');
});

test('a large file is read in turns: others have the thread between its stages', async () => {
  const variables = times(40_000, (i) => `      KEY_${i}: value\n`);
  await writeFile(
    path.join(folder, 'compose.yaml'),
    `services:\n  a:\n    image: a\n    environment:\n${variables}`,
  );
  const reader = new DiskReader();
  let turns = 0;
  let reading = true;
  const take = () => {
    turns += 1;
    if (reading) setImmediate(take);
  };
  setImmediate(take);
  const result = await loadProject({ workingDir: folder, environment: {}, reader });
  reading = false;
  expect(result.type).toBe('loaded');
  expect(turns).toBeGreaterThan(10);
});

test('a file that a Windows tool wrote in UTF-16 is read', async () => {
  const text = '\ufeffservices: {a: {image: "a:ü"}}\n';
  await writeFile(path.join(folder, 'compose.yaml'), Buffer.from(text, 'utf16le'));
  expect((await status()).status.type).toBe('loaded');
});
