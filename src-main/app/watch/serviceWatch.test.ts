import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
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
let rebuild: (signal: AbortSignal) => Promise<void>;
/** Archives that the engine was sent. */
let archives: number;
let failures: number;
const watching: ServiceWatch[] = [];

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'slipway-service-watch-'));
  containers = [container('c1')];
  rebuild = async () => undefined;
  archives = 0;
  failures = 0;
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
    if (failures-- > 0) throw new Error('The disk of the container is full.');
    for await (const _ of content);
    archives += 1;
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
    rebuild: (signal) => rebuild(signal),
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

async function stopped(watch: ServiceWatch): Promise<void> {
  watching.splice(watching.indexOf(watch), 1);
  await watch.dispose();
}

test('what could not be synced comes with the next change, and at the latest with the next watch', async () => {
  const watch = await started();
  failures = 1;
  writeFileSync(file('a'), 'an edit');
  await eventually(() => watch.state.outcome === 'failed');
  writeFileSync(file('built'), 'another');
  let built = 0;
  rebuild = async () => {
    built += 1;
  };
  await eventually(() => watch.state.lastAction === 'rebuilt after 2 changes');
  expect(built).toBe(1);
  failures = 1;
  writeFileSync(file('a'), 'a third');
  await eventually(() => watch.state.outcome === 'failed');
  await stopped(watch);
  expect(archives).toBe(0);
  expect((await started()).state.lastAction).toBe('synced 1 path');
  expect(archives).toBe(1);
});

test('an edit during a rebuild that the end of the app cuts off is built by the next watch', async () => {
  const watch = await started();
  const began = new Promise<void>((resolve) => {
    rebuild = (signal) => {
      resolve();
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
  });
  writeFileSync(file('built'), 'built');
  await began;
  writeFileSync(file('a'), 'meanwhile');
  await delay(300);
  await stopped(watch);
  rebuild = async () => undefined;
  expect((await started()).state.lastAction).toBe('rebuilt after 2 changes');
});

test('what is edited while nothing runs waits for the container, and a restart brings nothing again', async () => {
  const watch = await started();
  containers = [];
  watch.containersChanged();
  writeFileSync(file('a'), 'while it was down');
  await delay(300);
  containers = [container('c1')];
  watch.containersChanged();
  await eventually(() => archives === 1);
  containers = [];
  watch.containersChanged();
  containers = [container('c1')];
  watch.containersChanged();
  await stopped(watch);
  await started();
  expect(archives).toBe(1);
});
