import { expect } from 'vitest';
import type { Stack } from '../../support/scenario.ts';

/** What the stack of boot-cut looks like when all is well. */
const GREEN = ['api-1 running', 'data-1 running', 'fill-1 exited', 'site-1 running'];

/** Puts a mark into the volume that must be there after whatever happens. */
export async function markVolume(stack: Stack): Promise<void> {
  await stack.exec('data', 'sh', '-c', 'echo mark > /kept/mark && sync');
}

/**
 * Boots once more: it must end green with every container once, one network of a name, the files in, the volume with its mark and
 * nothing left to do.
 */
export async function isWholeAfterTheNextBoot(stack: Stack): Promise<void> {
  expect(await (await stack.open()).boot()).toEqual({ outcome: 'done' });
  expect(await stack.states()).toEqual(GREEN);
  expect(await stack.exec('api', 'cat', '/etc/settings')).toBe('colour=blue');
  expect(await stack.exec('data', 'cat', '/kept/mark')).toBe('mark\n');
  const label = `com.docker.compose.project=${stack.name}`;
  const networks = await stack.engine.listNetworks({ labels: [label] });
  expect(networks.map(({ name }) => name).sort()).toEqual(
    ['back', 'default', 'front'].map((name) => `${stack.name}_${name}`),
  );
  const volumes = await stack.engine.listVolumes({ labels: [label] });
  expect(volumes.map(({ name }) => name)).toEqual([`${stack.name}_kept`]);
  expect(await stack.bootText()).not.toMatch(/create|start|stop|remove/);
}
