import { beforeAll, expect, test } from 'vitest';
import type { ServiceTimeline } from '#contract/requests/boot.ts';
import { type CoreStack, coreStacks } from '#support/coreStack.ts';
import { needImages } from '#support/world.ts';

const open = coreStacks();
beforeAll(() => needImages('busybox:1'));

async function bootAgain(stack: CoreStack): Promise<ServiceTimeline | undefined> {
  const { workspace } = stack;
  await stack.ended(stack.client.stack.down({ workspace, graceSeconds: 1 }));
  expect(await stack.boot()).toEqual({ type: 'done' });
  const [newest] = await stack.client.boot.history({ workspace });
  return newest?.services.find(({ service }) => service === 'talker');
}

test('a boot must tell when a service said its first word, and when it got slower by which change', async () => {
  const stack = await open(import.meta.dirname);
  const first = await bootAgain(stack);
  expect(first?.firstLogMs).toBeLessThan(first?.readyMs ?? 0);
  expect(first?.slower).toBeUndefined();
  const before = await stack.client.boot.history({ workspace: stack.workspace });
  expect(await stack.boot()).toEqual({ type: 'done' });
  const after = await stack.client.boot.history({ workspace: stack.workspace });
  expect(after, 'a boot with nothing to do hides the last real one').toEqual(before);
  for (let boot = 0; boot < 2; boot++) await bootAgain(stack);
  await stack.edit('compose.yaml', (yaml) => yaml.replace('sleep 3;', 'sleep 14;'));
  await stack.client.project.reload({ workspace: stack.workspace });
  const slow = await bootAgain(stack);
  expect(slow?.slower?.since).toBe('its definition changed');
  expect(slow?.note).toMatch(/s slower since its definition changed(;|$)/);
});
