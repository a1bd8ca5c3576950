import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.ts';

const stack = scenario(import.meta.dirname, ['busybox']);
const changed = (yaml: string) => yaml.replace('LEVEL: "1"', 'LEVEL: "2"');

/** What a recreate does, one by one; the name of the step it is broken off after. */
const STEPS = ['create', 'stop', 'remove', 'rename'] as const;

for (const [count, last] of STEPS.entries())
  test(`a recreate that is broken off after its ${last} must be finished by the next boot`, async () => {
    await (await stack.open()).boot();
    await stack.exec('api', 'sh', '-c', 'echo kept > /data/file');
    const run = await stack.open(changed);
    const plan = await run.bootPlan({ until: 'started' });
    expect(plan.steps.map((step) => step.kind)).toEqual([...STEPS, 'start']);
    await run.execute({ ...plan, steps: plan.steps.slice(0, count + 1) });
    expect(await (await stack.open(changed)).boot()).toEqual({ outcome: 'done' });
    expect(await stack.states()).toEqual(['api-1 running']);
    expect(await stack.exec('api', 'sh', '-c', 'echo $LEVEL; cat /data/file')).toBe('2\nkept\n');
    expect(await stack.bootText(changed)).toBe('');
  });

test('a recreate that is broken off must leave the old container startable', async () => {
  await (await stack.open()).boot();
  const before = await stack.inspect('api');
  const run = await stack.open(changed);
  const plan = await run.bootPlan();
  await run.execute({ ...plan, steps: plan.steps.slice(0, 2) });
  await stack.engine.startContainer(before.id);
  expect((await stack.engine.inspectContainer(before.id)).state).toBe('running');
});
