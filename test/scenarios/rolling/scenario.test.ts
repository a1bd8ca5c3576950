import { beforeAll, expect, test } from 'vitest';
import { type CoreStack, coreStacks } from '../../support/coreStack.ts';
import { eventually } from '../../support/eventually.ts';
import { needImages } from '../../support/world.ts';

beforeAll(() => needImages('node:20', 'haproxy:3.0', 'nginx:1.26'), 300_000);
const open = coreStacks();

const BALANCERS = ['haproxy', 'nginx'] as const;
/** Askers of each balancer at once; each asks again as soon as it was answered. */
const ASKERS = 2;

async function booted(): Promise<CoreStack> {
  const stack = await open(import.meta.dirname);
  expect(await stack.boot()).toEqual({ type: 'done' });
  for (const name of BALANCERS)
    await eventually(async () => (await (await fetch(address(stack, name))).text()) === 'one\n');
  return stack;
}

function address(stack: CoreStack, balancer: string): string {
  return `http://127.0.0.1:${stack.service(balancer).ports[0]?.published}/`;
}

/** Asks both balancers all the time while `work` runs; every answer counts. */
async function underLoad(stack: CoreStack, work: () => Promise<void>): Promise<Record<string, number>> {
  const answers: Record<string, number> = {};
  let ended = false;
  const ask = async (url: string, balancer: string) => {
    while (!ended) {
      const said = await fetch(url).then(
        async (answer) =>
          answer.ok ? (await answer.text()).trim() : `${balancer} answered ${answer.status}`,
        (thrown: unknown) => `${balancer}: ${String(thrown)}`,
      );
      answers[said] = (answers[said] ?? 0) + 1;
    }
  };
  const askers = BALANCERS.flatMap((name) =>
    Array.from({ length: ASKERS }, () => ask(address(stack, name), name)),
  );
  try {
    await work();
  } finally {
    ended = true;
    await Promise.all(askers);
  }
  return answers;
}

test('replicas must be replaced one by one, without one failed request', { timeout: 180_000 }, async () => {
  const stack = await booted();
  const before = await stack.containers();
  await stack.edit('web/version.mjs', () => "export const version = 'two';\n");
  const answers = await underLoad(stack, async () => {
    expect(await stack.replace('web')).toEqual({ type: 'done' });
  });
  expect(Object.keys(answers).sort()).toEqual(['one', 'two']);
  const after = await stack.containers();
  expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
  for (const number of [1, 2, 3]) expect(after[`web-${number}`]).not.toEqual(before[`web-${number}`]);
  for (const name of BALANCERS) expect(after[`${name}-1`]).toEqual(before[`${name}-1`]);
});

test('one that does not get ready must stop the rest, and go', { timeout: 180_000 }, async () => {
  const stack = await booted();
  const before = await stack.containers();
  await stack.edit('web/server.mjs', () => 'process.exit(9);\n');
  const answers = await underLoad(stack, async () => {
    expect(await stack.replace('web')).toMatchObject({
      type: 'failed',
      error: { kind: 'dependency.exited' },
    });
  });
  expect(Object.keys(answers)).toEqual(['one']);
  expect(await stack.containers()).toEqual(before);
});
