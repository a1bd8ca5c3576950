import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestRegistry } from '../../engine/production/testRegistry.ts';
import { type CoreStack, coreStacks } from '../../support/coreStack.ts';
import { needImages } from '../../support/world.ts';

const run = promisify(execFile);
const OTHERS = ['accounts', 'notices', 'transfers', 'front'];
const open = coreStacks();
let registry: TestRegistry;
let source = '';

beforeAll(async () => {
  await needImages('node:20', 'python:3.11', 'postgres:15');
  registry = await TestRegistry.start();
  source = path.join(await mkdtemp(path.join(os.tmpdir(), 'slipway-focus-')), 'focus');
  await cp('examples/focus', source, { recursive: true });
  await run(path.join(source, 'deploy/publish.sh'), [registry.host]);
  for (const name of [...OTHERS, 'ledger'])
    await run('docker', ['rmi', `${registry.host}/payments/${name}:1.4.0`]);
}, 300_000);

afterAll(async () => {
  const images = OTHERS.map((name) => `${registry.host}/payments/${name}:1.4.0`);
  await run('docker', ['rmi', '-f', ...images]);
  await registry.stop();
  await rm(path.dirname(source), { recursive: true, force: true });
});

async function pay(stack: CoreStack) {
  const url = `http://127.0.0.1:${stack.service('front').ports[0]?.published}`;
  const answer = await fetch(url, { method: 'POST', body: '{"from": "ada", "to": "grace", "amount": 10}' });
  return (await answer.json()) as { fee: number; booking: number; by: Record<string, string> };
}

test('one service must run from source among production’s images, and be changed alone', {
  timeout: 300_000,
}, async () => {
  const stack = await open(source, { FRONT_PORT: '0' });
  expect(await stack.boot()).toEqual({ type: 'done' });
  const all = (release: string) =>
    Object.fromEntries(['accounts', 'ledger', 'notices', 'transfers'].map((name) => [name, release]));
  expect((await pay(stack)).by).toEqual(all('source'));

  for (const service of OTHERS)
    expect(
      await stack.ended(stack.client.production.swap({ workspace: stack.workspace, service })),
      service,
    ).toEqual({ type: 'done' });
  expect((await pay(stack)).by).toEqual({ ...all('1.4.0'), ledger: 'source' });

  const before = await stack.containers();
  await stack.edit('ledger/server.py', (text) => text.replace('FEE = 1', 'FEE = 3'));
  expect(await stack.replace('ledger')).toEqual({ type: 'done' });
  expect(await pay(stack)).toMatchObject({ fee: 3, booking: 3, by: { ...all('1.4.0'), ledger: 'source' } });
  expect({ ...(await stack.containers()), 'ledger-1': undefined }).toEqual({
    ...before,
    'ledger-1': undefined,
  });

  expect(
    await stack.ended(stack.client.production.unswap({ workspace: stack.workspace, service: 'accounts' })),
  ).toEqual({ type: 'done' });
  expect((await pay(stack)).by['accounts']).toBe('source');
  await stack.downWithoutTrace();
});
