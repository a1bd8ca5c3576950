import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '#support/eventually.ts';
import { type TreeChange, TreeWatch } from './treeWatch.ts';

/** Longer than any look at what was changed is waited for. */
const QUIET_MS = 300;

let top: string;
let heard: TreeChange[];
const watching: TreeWatch[] = [];

beforeEach(() => {
  top = mkdtempSync(path.join(os.tmpdir(), 'slipway-tree-watch-'));
  heard = [];
});
afterEach(() => {
  for (const tree of watching.splice(0)) tree.dispose();
  rmSync(top, { recursive: true, force: true });
});

const at = (...inside: string[]) => path.join(top, ...inside);

async function watched(...inside: string[]): Promise<void> {
  const tree = new TreeWatch({
    path: at(...inside),
    top,
    ignores: () => false,
    onChanges: (changes) => heard.push(...changes),
    onTrouble: (message) => expect.unreachable(message),
  });
  watching.push(tree);
  await tree.start();
}

/** Does it, and waits until `name` was told and all is quiet again. */
async function hears(name: string, type: TreeChange['type'], what: () => void): Promise<void> {
  heard = [];
  what();
  await eventually(() => heard.some((change) => change.name === name && change.type === type));
  await delay(QUIET_MS);
}

/** As JetBrains and git save: beside the file, then over it. */
function save(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

test('a single file is heard of each time that it is saved, by renaming and in place', async () => {
  writeFileSync(at('package.json'), '0');
  await watched('package.json');
  for (const text of ['1', '2', '3']) await hears('', 'put', () => save(at('package.json'), text));
  await hears('', 'put', () => writeFileSync(at('package.json'), 'in place'));
});

test('a folder that is removed and made again is heard of again, and so are those above it', async () => {
  mkdirSync(at('api', 'src', 'deep'), { recursive: true });
  writeFileSync(at('api', 'src', 'deep', 'a'), '0');
  await watched('api', 'src');
  for (const gone of [at('api', 'src'), at('api')]) {
    await hears('deep/a', 'gone', () => rmSync(gone, { recursive: true }));
    await hears('deep/a', 'put', () => {
      mkdirSync(at('api', 'src', 'deep'), { recursive: true });
      writeFileSync(at('api', 'src', 'deep', 'a'), '1');
    });
    await hears('deep/a', 'put', () => writeFileSync(at('api', 'src', 'deep', 'a'), '2'));
  }
});

test('a folder that another one takes the place of at once is heard of again', async () => {
  const make = (name: string) => {
    mkdirSync(at(name, 'src', 'deep'), { recursive: true });
    writeFileSync(at(name, 'src', 'deep', 'a'), name);
  };
  make('api');
  make('other');
  make('third');
  await watched('api', 'src');
  await hears('deep/a', 'put', () => {
    rmSync(at('api', 'src', 'deep'), { recursive: true });
    renameSync(at('other', 'src', 'deep'), at('api', 'src', 'deep'));
  });
  await hears('deep/a', 'put', () => writeFileSync(at('api', 'src', 'deep', 'a'), 'edited'));
  await hears('deep/a', 'put', () => {
    rmSync(at('api'), { recursive: true });
    renameSync(at('third'), at('api'));
  });
  await hears('deep/a', 'put', () => writeFileSync(at('api', 'src', 'deep', 'a'), 'edited again'));
});
