import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Stack } from '../../support/scenario.ts';
import type { SeededRandom } from '../../support/seededRandom.ts';

const GREEN = ['api-1 running', 'data-1 running', 'fill-1 exited', 'site-1 running'];
/** About how long one of them needs: so each may come at any moment of the others'. */
const LATEST_MS = 1_500;

/** Two boots and docker compose on one project, each from a random moment on: in the end there is one stack, green. */
export async function bootTogether(stack: Stack, random: SeededRandom): Promise<void> {
  const [one, two] = [await stack.open(), await stack.open()];
  const [mine, theirs] = await Promise.all([
    delay(random.below(LATEST_MS)).then(() => one.boot()),
    delay(random.below(LATEST_MS)).then(() => two.boot()),
    // What it says of what the others were faster with is its own affair.
    delay(random.below(LATEST_MS)).then(() => stack.compose('up', '-d').catch(() => '')),
  ]);
  for (const result of [mine, theirs]) {
    expect(result.outcome).not.toBe('cancelled');
    if (result.outcome === 'failed')
      for (const { error } of result.failures) expect(error.kind, error.message).not.toBe('internal');
  }
  expect(await (await stack.open()).boot()).toEqual({ outcome: 'done' });
  expect(await stack.states()).toEqual(GREEN);
  const networks = await stack.engine.listNetworks({ labels: [`com.docker.compose.project=${stack.name}`] });
  expect(networks).toHaveLength(3);
  expect(await stack.bootText()).not.toMatch(/create|start|stop|remove/);
  await stack.clear();
}
