import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { type CoreStack, coreStacks } from '../../support/coreStack.ts';
import { eventually } from '../../support/eventually.ts';
import { needImages } from '../../support/world.ts';

beforeAll(
  () => needImages('python:3.11', 'haproxy:2.6', 'postgres:13', 'redis:6.0', 'memcached:1.6.9'),
  600_000,
);
const open = coreStacks();

const ask = (stack: CoreStack) =>
  fetch(`http://127.0.0.1:${stack.service('balancer').ports[0]?.published}/predict?weight=1.2&items=3`);

interface Prediction {
  readonly box: string;
  readonly model: string;
  readonly by: string;
}

/** Asks all the time while `work` runs: the models that answered, and every answer that was none. */
async function underLoad(stack: CoreStack, work: () => Promise<void>) {
  const [models, failures] = [new Set<string>(), [] as string[]];
  let ended = false;
  const asking = async () => {
    while (!ended) {
      const answer = await ask(stack).catch((thrown: unknown) => String(thrown));
      if (typeof answer === 'string') failures.push(answer);
      else if (!answer.ok) failures.push(String(answer.status));
      else models.add(((await answer.json()) as Prediction).model);
    }
  };
  const askers = [asking(), asking()];
  await work().finally(() => (ended = true));
  await Promise.all(askers);
  return { models: [...models].sort(), failures };
}

test('predictors must be found by the balancer, replaced in turn, and gone with their agent', {
  timeout: 400_000,
}, async () => {
  const stack = await open(path.resolve('examples/predictor'), {
    BALANCER_PORT: '0',
    PREDICTOR_PORTS: '28100-28112',
  });
  expect(await stack.boot()).toEqual({ type: 'done' });
  const seen = new Set<string>();
  await eventually(
    async () => {
      const answer = await ask(stack);
      if (answer.ok) seen.add(((await answer.json()) as Prediction).by);
      return seen.size === 3;
    },
    { limitMs: 60_000 },
  );
  const before = await stack.containers();
  await stack.edit('predictor/model.py', (text) => text.replace('2015-07', '2015-08'));
  const { models, failures } = await underLoad(stack, async () => {
    expect(await stack.replace('predictor')).toEqual({ type: 'done' });
    await eventually(async () => ((await (await ask(stack)).json()) as Prediction).model === '2015-08');
  });
  expect(failures).toEqual([]);
  expect(models).toEqual(['2015-07', '2015-08']);
  const after = await stack.containers();
  for (const name of ['db-1', 'redis-1', 'balancer-1', 'agent-1']) expect(after[name]).toEqual(before[name]);

  const agent = { workspace: stack.workspace, services: ['agent'] };
  await stack.ended(stack.client.stack.stop(agent));
  await eventually(async () => (await ask(stack)).status === 503, { limitMs: 30_000 });
  await stack.ended(stack.client.stack.start(agent));
  await eventually(async () => (await ask(stack)).ok, { limitMs: 30_000 });
  await stack.downWithoutTrace();
});
