import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileStore } from '#disk/fileStore.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import { eventually } from '#support/eventually.ts';
import { HealthProofs } from './healthProofs.ts';
import { withOwnChecks } from './provenHealth.ts';

let folder: string;
const opened: HealthProofs[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-proofs-'));
});
afterEach(async () => {
  for (const proofs of opened.splice(0)) await proofs.dispose();
  await rm(folder, { recursive: true, force: true });
});

async function open(role: 'listens' | 'reads' = 'listens'): Promise<HealthProofs> {
  const proofs = new HealthProofs({
    store: fileStore(folder),
    role,
    changed: () => undefined,
    failed: (thrown) => {
      throw thrown;
    },
  });
  opened.push(proofs);
  await proofs.start();
  return proofs;
}

function container(more: Partial<ObservedContainer> = {}): ObservedContainer {
  const facts = { id: 'c1', service: 'db', state: 'running', health: 'healthy', startedAt: 1_000 };
  return { ...facts, ...more } as ObservedContainer;
}

const NO_CHECKS = { version: 0, proven: new Map(), last: new Map() };

/** `healthy 2000`: as the window would say it. */
function shown(proofs: HealthProofs, engine: ObservedContainer): string {
  const [known] = withOwnChecks([engine], NO_CHECKS, proofs.known);
  return `${known?.health} ${known?.healthSince}`;
}

test('what one process has proven, another knows as soon as it opens the project', async () => {
  const booting = await open('reads');
  booting.note([container({ healthSince: 2_000 })]);
  await booting.save();
  const window = await open();
  expect(shown(window, container({ health: 'starting' }))).toBe('healthy 2000');
  // Another start of it has proven nothing yet.
  expect(shown(window, container({ health: 'starting', startedAt: 3_000 }))).toBe('starting undefined');
});

test('a window that is open hears what another process proves', async () => {
  const window = await open();
  const booting = await open('reads');
  booting.note([container({ healthSince: 2_000 })]);
  await booting.save();
  await eventually(() => shown(window, container({ health: 'starting' })) === 'healthy 2000');
});

test('the first pass stays when the engine comes to the same word later, and when it has forgotten its own', async () => {
  const proofs = await open();
  proofs.note([container({ healthSince: 2_000 })]);
  const later = container({ healthSince: 32_000 });
  expect(shown(proofs, later)).toBe('healthy 2000');
  proofs.note(withOwnChecks([later], NO_CHECKS, proofs.known));
  expect(shown(proofs, container({ healthSince: undefined }))).toBe('healthy 2000');
});

test('after a check that failed only what passed since counts, in every process', async () => {
  const proofs = await open();
  proofs.note([container({ healthSince: 2_000 })]);
  await proofs.save();
  const other = await open('reads');
  const recovered = container({ healthSince: 90_000, lastFailedCheck: 60_000 });
  expect(shown(proofs, recovered)).toBe('healthy 90000');
  proofs.note(withOwnChecks([recovered], NO_CHECKS, proofs.known));
  await proofs.save();
  const forgotten = container({ healthSince: undefined });
  expect(shown(proofs, forgotten)).toBe('healthy 90000');
  expect(shown(await open('reads'), forgotten)).toBe('healthy 90000');
  expect(shown(other, recovered)).toBe('healthy 90000');
});

test('an unhealthy container is never called healthy, and what is gone is forgotten', async () => {
  const proofs = await open();
  proofs.note([container({ healthSince: 2_000 })]);
  expect(shown(proofs, container({ health: 'unhealthy', healthSince: 50_000 }))).toBe('unhealthy 50000');
  proofs.note([]);
  await proofs.save();
  expect((await open('reads')).known.size).toBe(0);
});

test('what another process has proven is kept by one that has not heard of the container yet', async () => {
  const window = await open();
  window.note([container({ id: 'c0', healthSince: 500 } as Partial<ObservedContainer>)]);
  await window.save();
  const booting = await open('reads');
  booting.note([container({ healthSince: 2_000 })]);
  await booting.save();
  await eventually(() => shown(window, container({ health: 'starting' })) === 'healthy 2000');
  // The old container has gone, and the list does not hold the new one yet.
  window.note([]);
  await window.save();
  expect([...(await open('reads')).known.keys()]).toEqual(['c1']);
  // Once it has been seen, it goes when it goes.
  window.note([container({ health: 'starting' })]);
  window.note([]);
  await window.save();
  expect((await open('reads')).known.size).toBe(0);
});

test('what another process has written in the meantime is not written over', async () => {
  const [one, other] = [await open('reads'), await open('reads')];
  one.note([container({ healthSince: 2_000 })]);
  await one.save();
  other.note([container({ id: 'c2', healthSince: 3_000 } as Partial<ObservedContainer>)]);
  await other.save();
  expect([...(await open('reads')).known.keys()].sort()).toEqual(['c1', 'c2']);
});
