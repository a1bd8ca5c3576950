import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '#engine/engine.ts';
import { openTestEngine } from '../../support/realEngine.ts';
import { needImages } from '../../support/world.ts';
import { bothLists, type ContextCase, contextCase, hasBuildx } from './contextCases.ts';

let engine: Engine;
beforeAll(async () => {
  await needImages('busybox:1');
  engine = await openTestEngine();
});
afterAll(() => engine.close());

const FILES = ['src/a/x.log', 'src/y.txt', 'node_modules/a', 'b', 'a', 'x.log', '.git/a', 'src/a/b'];
const KNOWN: readonly ContextCase[] = [
  { files: FILES, rules: ['Dockerfile', '.dockerignore', '**/*.log', 'node_modules/'] },
  { files: FILES, rules: ['*', '!src', 'src/a', '!src/a/b'] },
  { files: FILES, rules: ['# no rule', ' src ', '/b', '!**/y.txt'] },
];

/** The same in the hundreds: test/soak/context.test.ts. */
const SAMPLE = 2;

test.runIf(await hasBuildx())(
  'an image must get the same files from us as from docker',
  { timeout: 180_000 },
  async () => {
    const cases = [...KNOWN, ...fc.sample(contextCase, { numRuns: SAMPLE, seed: 8 })];
    for (const own of cases) {
      const [docker, ours] = await bothLists(engine, own);
      expect(ours, JSON.stringify(own)).toEqual(docker);
    }
  },
);
