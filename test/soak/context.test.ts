import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '#engine/engine.ts';
import { bothLists, contextCase, hasBuildx } from '../engine/images/contextCases.ts';
import { openTestEngine } from '../support/realEngine.ts';
import { needImages } from '../support/world.ts';

let engine: Engine;
beforeAll(async () => {
  await needImages('busybox:1');
  engine = await openTestEngine();
});
afterAll(() => engine.close());

test.runIf(await hasBuildx())('200 generated contexts must arrive as docker sends them', async () => {
  const compared = fc.asyncProperty(contextCase, async (own) => {
    const [docker, ours] = await bothLists(engine, own);
    expect(ours).toEqual(docker);
  });
  await fc.assert(compared, { numRuns: 200, endOnFailure: true });
});
