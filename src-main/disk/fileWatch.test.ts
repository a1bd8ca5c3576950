import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '#support/eventually.ts';
import { FileWatch } from './fileWatch.ts';

let root: string;
let heard: number;
let watched: FileWatch;

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'slipway-file-watch-'));
  heard = 0;
  watched = new FileWatch(() => {
    heard += 1;
  });
});
afterEach(() => {
  watched.dispose();
  rmSync(root, { recursive: true, force: true });
});

const at = (...inside: string[]) => path.join(root, ...inside);

/** Waits until something more has been heard, and until it is quiet again. */
async function hears(what: () => void): Promise<void> {
  const before = heard;
  what();
  await eventually(() => heard > before);
  await delay(150);
}

test('a file that appears, changes and goes is heard of, and others beside it are not', async () => {
  watched.set([at('compose.yaml')]);
  await hears(() => writeFileSync(at('compose.yaml'), 'a'));
  await hears(() => writeFileSync(at('compose.yaml'), 'b'));
  await hears(() => rmSync(at('compose.yaml')));
  const before = heard;
  writeFileSync(at('other.yaml'), 'a');
  await delay(200);
  expect(heard).toBe(before);
});

test('a file is heard of whose folder comes later, goes and comes again', async () => {
  watched.set([at('compose.yaml'), at('.slipway', 'deep', 'override.yaml')]);
  for (let round = 0; round < 2; round++) {
    await hears(() => {
      mkdirSync(at('.slipway', 'deep'), { recursive: true });
      writeFileSync(at('.slipway', 'deep', 'override.yaml'), 'a');
    });
    await hears(() => writeFileSync(at('.slipway', 'deep', 'override.yaml'), 'b'));
    await hears(() => rmSync(at('.slipway'), { recursive: true }));
  }
});

test('a folder that comes bit by bit is followed down to the file', async () => {
  watched.set([at('.slipway', 'deep', 'override.yaml')]);
  await hears(() => mkdirSync(at('.slipway')));
  await hears(() => mkdirSync(at('.slipway', 'deep')));
  await hears(() => writeFileSync(at('.slipway', 'deep', 'override.yaml'), 'a'));
});

test('nothing is heard of files that are no longer asked for', async () => {
  watched.set([at('gone', 'compose.yaml')]);
  watched.set([at('compose.yaml')]);
  mkdirSync(at('gone'));
  writeFileSync(at('gone', 'compose.yaml'), 'a');
  await delay(200);
  expect(heard).toBe(0);
});
