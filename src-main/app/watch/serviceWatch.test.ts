import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppFailure } from '#contract/errors.ts';
import { fileStore } from '#disk/fileStore.ts';
import type { Engine } from '#engine/engine.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import { eventually } from '#support/eventually.ts';
import { ServiceWatch } from './serviceWatch.ts';
import type { Watched } from './watchRules.ts';

const LOST = new AppFailure({
  kind: 'engine.unreachable',
  endpoint: 'unix:///x',
  reason: 'lost',
  message: 'The engine is away.',
});

let root: string;
let containers: ObservedContainer[];
/** Undefined while there is none. */
let engine: Engine | undefined;
let rebuild: () => Promise<void>;
const watching: ServiceWatch[] = [];

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'slipway-service-watch-'));
  containers = [container('c1')];
  rebuild = async () => undefined;
  engine = ENGINE;
  writeFileSync(file('a'), '0');
  writeFileSync(file('built'), '0');
});
afterEach(async () => {
  await Promise.all(watching.splice(0).map((watch) => watch.dispose()));
  rmSync(root, { recursive: true, force: true });
});

const ENGINE = {
  exec: async () => ({ exitCode: 0, stdout: new TextEncoder().encode('0 0 /\n'), stderr: new Uint8Array() }),
  inspectImage: async () => ({ created: Date.now() + 60_000 }),
  writeArchive: async (_id: string, _path: string, content: AsyncIterable<Uint8Array>) => {
    for await (const _ of content);
  },
} as unknown as Engine;

const file = (name: string) => path.join(root, name);

function container(id: string): ObservedContainer {
  return { id, imageId: 'i' } as unknown as ObservedContainer;
}

function rule(name: string, action: Watched['action']): Watched {
  const rest = { target: `/${name}`, exec: undefined, initialSync: false, ignores: () => false };
  return { path: file(name), action, ...rest };
}

async function started(): Promise<ServiceWatch> {
  const watch = new ServiceWatch({
    service: 'api',
    rules: [rule('a', 'sync'), rule('built', 'rebuild')],
    workingDir: root,
    engine: () => {
      if (engine === undefined) throw LOST;
      return engine;
    },
    containers: () => containers,
    rebuild: () => rebuild(),
    now: () => 0,
    store: fileStore(path.join(root, 'state')),
    changed: () => undefined,
  });
  watching.push(watch);
  await watch.start();
  return watch;
}

test('a container that comes while the engine is away is seen to when the engine is back', async () => {
  const watch = await started();
  containers = [container('c2')];
  engine = undefined;
  watch.containersChanged();
  await eventually(() => watch.state.outcome === 'failed');
  expect(watch.state.lastAction).toBe('failed: The engine is away.');
  let asked = false;
  engine = {
    ...ENGINE,
    inspectImage: async () => {
      asked = true;
      return undefined;
    },
  };
  watch.containersChanged();
  await eventually(() => asked);
});
