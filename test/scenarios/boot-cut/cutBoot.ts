import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { systemClock } from '#base/clock.ts';
import { openEngine } from '#engine/dockerode/dockerodeEngine.ts';
import { EngineProxy } from '../../support/engineProxy.ts';
import { PlanRun } from '../../support/planRun.ts';
import { testEndpoint } from '../../support/realEngine.ts';
import type { Stack } from '../../support/scenario.ts';

const GREEN = ['api-1 running', 'data-1 running', 'fill-1 exited', 'site-1 running'];

/**
 * Boots and breaks every connection to the engine after the given number of events, as when the engine is killed. The boot
 * goes on or says why not; the next one is green, with nothing double, nothing lost and no one-shot run needlessly.
 */
export async function bootCutAfter(stack: Stack, events: number): Promise<void> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-cut-'));
  const { address } = testEndpoint();
  if (address.type !== 'unix') throw new Error('the engine of these tests is on a unix socket');
  const proxy = await EngineProxy.start(folder, address.path);
  const engine = await openEngine(proxy.endpoint);
  try {
    const run = new PlanRun({ project: await stack.project(), engine, clock: systemClock });
    const plan = await run.bootPlan();
    const result = await run.execute(plan, () => {
      if (run.events.length === events) proxy.cut();
    });
    if (result.outcome === 'failed') {
      for (const { error } of result.failures) expect(error.kind).not.toBe('internal');
    }
  } finally {
    await engine.close();
    await proxy.stop();
    await rm(folder, { recursive: true, force: true });
  }
  await isWholeAfterTheNextBoot(stack);
}

async function isWholeAfterTheNextBoot(stack: Stack): Promise<void> {
  expect(await (await stack.open()).boot()).toEqual({ outcome: 'done' });
  expect(await stack.states()).toEqual(GREEN);
  expect(await stack.exec('api', 'cat', '/etc/settings')).toBe('colour=blue');
  expect(await stack.exec('data', 'cat', '/kept/lines')).toBe('once\n');
  const label = `com.docker.compose.project=${stack.name}`;
  const networks = await stack.engine.listNetworks({ labels: [label] });
  expect(networks.map(({ name }) => name).sort()).toEqual(
    ['back', 'default', 'front'].map((name) => `${stack.name}_${name}`),
  );
  expect(await stack.bootText()).not.toMatch(/create|start|stop|remove/);
  await stack.clear();
}
