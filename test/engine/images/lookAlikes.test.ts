import { cp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BuildFolder } from '#engine/builds.ts';
import type { Engine } from '#engine/engine.ts';
import { contextFolder } from '#images/build/contextFolder.ts';
import { memoryFolder } from '#images/build/memoryFolder.ts';
import { openTestEngine } from '../../support/realEngine.ts';
import {
  builtDigests,
  type Files,
  folderDigests,
  imageDigests,
  scratchFolder,
  writeAlike,
} from './lookAlikes.ts';

/**
 * BuildKit keeps a copy of what it was sent and takes files of the same name, size, mode and time as unchanged. These folders
 * hold files that look the same and are not; more of them, and in parallel: test/soak/lookAlikes.test.ts.
 */
let engine: Engine;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine.close());

const DOCKERFILE = 'FROM scratch\nCOPY . /ctx\n';
const mine = (mark: string): Files => ({ Dockerfile: DOCKERFILE, 'src/app.js': `console.log("${mark}")` });
let images = 0;
const nextImage = () => `slipway-alike-${process.pid}-${++images}`;

async function expectTrue(folder: string): Promise<void> {
  const names = Object.keys(mine(''));
  expect(await builtDigests(engine, nextImage(), { context: folder })).toEqual(
    await folderDigests(folder, names),
  );
}

test('two folders under one name would be mixed: why each has a name of its own', async () => {
  await using folder = await scratchFolder();
  const at = (name: string) => path.join(folder.path, name);
  for (const name of ['a', 'b']) await writeAlike(at(name), mine(name));
  const image = nextImage();
  for (const name of ['a', 'b']) {
    const named: BuildFolder = { ...contextFolder(at(name)), identity: async () => image };
    await engine.buildImage({
      context: (async function* none() {})(),
      dockerfile: 'Dockerfile',
      tags: [image],
      builder: 'buildkit',
      sources: {
        folders: { context: named, dockerfile: memoryFolder({ Dockerfile: DOCKERFILE }) },
        contexts: {},
        secret: async () => undefined,
        sshAgent: () => undefined,
      },
    });
  }
  // The file of folder a, in the image of folder b. If BuildKit ever compares contents, the names can go.
  const names = Object.keys(mine(''));
  expect(await imageDigests(engine, image)).toEqual(await folderDigests(at('a'), names));
});

test('contexts whose files look the same must each arrive as they are', async () => {
  await using folder = await scratchFolder();
  const contexts = ['a', 'b', 'c'].map((name) => path.join(folder.path, name));
  for (const context of contexts) await writeAlike(context, mine(path.basename(context)));
  await Promise.all(contexts.map(expectTrue));
  await expectTrue(contexts[0] ?? '');
});

test('a folder that took the place of another must arrive as it is', async () => {
  await using folder = await scratchFolder();
  const at = (name: string) => path.join(folder.path, name);
  for (const name of ['one', 'two']) await writeAlike(at(name), mine(name));
  await symlink('one', at('current'));
  await expectTrue(at('current'));
  await rm(at('current'));
  await symlink('two', at('current'));
  await expectTrue(at('current'));
  await expectTrue(at('one'));
  await rename(at('one'), at('old'));
  await cp(at('two'), at('one'), { recursive: true, preserveTimestamps: true });
  await expectTrue(at('one'));
});

test('Dockerfiles and further contexts that look the same must each be the right one', async () => {
  await using folder = await scratchFolder();
  const at = (name: string) => path.join(folder.path, name);
  await writeAlike(at('context'), { 'plain.txt': 'plain' });
  for (const name of ['x', 'y']) {
    await writeAlike(at(name), {
      Dockerfile: `FROM scratch\nCOPY plain.txt /ctx/${name}\nCOPY --from=more / /ctx/more\n`,
    });
    await writeAlike(at(`more-${name}`), { 'data.txt': name });
  }
  for (const name of ['x', 'y', 'x']) {
    const digests = await builtDigests(engine, nextImage(), {
      context: at('context'),
      dockerfile: at(`${name}/Dockerfile`),
      additional_contexts: { more: at(`more-${name}`) },
    });
    expect(Object.keys(digests).sort()).toEqual(['more/data.txt', name]);
    expect(digests['more/data.txt']).toBe(
      (await folderDigests(at(`more-${name}`), ['data.txt']))['data.txt'],
    );
  }
});

test('an edit that keeps the size must look like one, however soon it comes', async () => {
  await using folder = await scratchFolder();
  const file = path.join(folder.path, 'app.js');
  const seenTime = async () => {
    for await (const entry of contextFolder(folder.path).list({ exclude: [], only: [] }))
      return entry.modifiedNs;
    return undefined;
  };
  const times: unknown[] = [];
  for (const mark of ['1', '2', '3', '4', '5', '6', '7', '8']) {
    await writeFile(file, mark);
    times.push(await seenTime());
  }
  expect(new Set(times).size).toBe(times.length);
});
