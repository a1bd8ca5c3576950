import { expect } from 'vitest';
import { eventually } from '#support/eventually.ts';
import type { Stack } from '../../support/scenario.ts';

/** The stack's own services, and as many beside them that end at once and are started again and again. */
export function withLoops(loops: number, command: string): (yaml: string) => string {
  const services = Array.from(
    { length: loops },
    (_, index) =>
      `  loop${index}: { image: "busybox:1", restart: always, stop_signal: SIGKILL, init: true, command: ${command} }`,
  );
  return (yaml) => yaml.replace('services:\n', `services:\n${services.join('\n')}\n`);
}

const CRASH = '[sh, -c, "echo no; exit 3"]';

/** Boots a stack half of which crashes in a loop: it says so, the rest runs, and the next boot of the mended file is green. */
export async function bootAmongCrashLoops(stack: Stack, loops: number): Promise<void> {
  const result = await (await stack.open(withLoops(loops, CRASH))).boot();
  // On a busy machine one of them may live long enough to count as started; none of the others may be blamed.
  for (const { service, error } of result.outcome === 'failed' ? result.failures : [])
    expect(`${service} ${error.kind}`).toMatch(/^loop\d+ dependency\.exited$/);
  await eventually(async () =>
    (await stack.states()).every((state) => !/^loop.*(created|exited)/.test(state)),
  );
  expect(await stack.states()).toContain('site-1 running');
  const mended = withLoops(loops, '[sleep, "100000"]');
  expect(await (await stack.open(mended)).boot()).toEqual({ outcome: 'done' });
  const states = await stack.states();
  expect(states.filter((state) => /^loop\d+-1 running$/.test(state))).toHaveLength(loops);
  expect(states).toHaveLength(loops + 1);
  expect(await stack.bootText(mended)).not.toMatch(/create|start|stop|remove/);
}
