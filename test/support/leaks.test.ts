import { expect, test } from 'vitest';
import { AppFailure } from '#contract/errors.ts';
import type { Engine } from '#engine/engine.ts';
import { removeAll } from './leaks.ts';

const scope = { prefix: 'slipway-test-x', labels: {} };

/** An engine that keeps the one network of the scope, with a container of nobody in these networks. */
function keeping(...networks: readonly string[]): Engine {
  const message = 'network slipway-test-x_default id 1 has active endpoints';
  return {
    listContainers: async () => [{ name: 'other', labels: {}, networks }],
    listVolumes: async () => [],
    listNetworks: async () => [{ name: 'slipway-test-x_default', labels: {} }],
    removeNetwork: async () => {
      throw new AppFailure({ kind: 'engine.failed', status: 403, transient: false, message });
    },
  } as unknown as Engine;
}

test('a network that the engine keeps with nothing in it is no leak, and one that a container is in is one', async () => {
  expect(await removeAll(keeping(), scope)).toEqual(['slipway-test-x_default']);
  expect(await removeAll(keeping('slipway-test-x_default'), scope)).toEqual([]);
});
