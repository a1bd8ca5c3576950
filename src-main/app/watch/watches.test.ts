import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { AppFailure } from '#contract/errors.ts';
import type { RunId } from '#contract/ids.ts';
import { fileStore } from '#disk/fileStore.ts';
import type { Engine } from '#engine/engine.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import { projectOf } from '#support/planWorld.ts';
import type { Runs } from '../runs.ts';
import { Watches, type WatchesContext } from './watches.ts';

const LOST = new AppFailure({
  kind: 'engine.unreachable',
  endpoint: 'unix:///x',
  reason: 'lost',
  message: 'The engine is away.',
});

async function world(engine: () => Engine) {
  const root = mkdtempSync(path.join(os.tmpdir(), 'slipway-watches-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(path.join(root, 'src'));
  const project = await projectOf(
    `{name: shop, services: {api: {image: a, develop: {watch: [{path: ./src, action: rebuild}]}}}}`,
    root,
  );
  const container = { id: 'c', imageId: 'i', service: 'api', state: 'running', oneOff: false };
  let rebuilds = 0;
  const watches = new Watches({
    runs: { wait: async () => ({ outcome: 'done' }) } as unknown as Runs,
    project: () => project,
    engine,
    containers: () => [container as unknown as ObservedContainer],
    replace: async () => {
      rebuilds += 1;
      return { run: 'r' as RunId };
    },
    now: () => 0,
    store: fileStore(path.join(root, 'state')),
    changed: () => undefined,
  } satisfies WatchesContext);
  onTestFinished(() => watches.dispose());
  const edit = async () => {
    writeFileSync(path.join(root, 'src', 'a'), String(Math.random()));
    await delay(500);
    return rebuilds;
  };
  return { watches, edit };
}

test('starts at the same moment leave one watch, and a stop ends it', async () => {
  const engine = { inspectImage: async () => undefined } as unknown as Engine;
  const { watches, edit } = await world(() => engine);
  await Promise.all([watches.start(), watches.start(), watches.start()]);
  expect(await edit()).toBe(1);
  await watches.stop();
  expect(await edit()).toBe(1);
  expect(watches.state('api')).toBeUndefined();
});

test('a service whose watch could not start is not watched', async () => {
  const { watches, edit } = await world(() => {
    throw LOST;
  });
  await expect(watches.start()).rejects.toBe(LOST);
  expect(watches.state('api')).toBeUndefined();
  expect(await edit()).toBe(0);
});
