import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { CoreStack } from '#support/coreStack.ts';
import { needImages } from '#support/world.ts';

const SOURCE = fileURLToPath(new URL('matrix', import.meta.url));

let stack: CoreStack;
beforeAll(() => needImages('postgres:13', 'postgres:15'));
beforeEach(async () => {
  stack = await CoreStack.open(SOURCE);
});
afterEach(() => stack?.dispose());

/** Everything on the engine whose name begins with the project's. */
async function there(): Promise<readonly string[]> {
  const [containers, volumes, networks] = await Promise.all([
    stack.engine.listContainers({ all: true }),
    stack.engine.listVolumes({}),
    stack.engine.listNetworks({}),
  ]);
  return [...containers, ...volumes, ...networks]
    .map(({ name }) => name)
    .filter((name) => name.startsWith(stack.name));
}

it('shows which versions pass the check of the stack, and leaves nothing behind', async () => {
  const at = { workspace: stack.workspace };
  const ended = await stack.ended(
    stack.client.versions.matrix({
      ...at,
      service: 'db',
      versions: ['13', '15'],
      check: { service: 'check' },
    }),
  );
  expect(ended).toMatchObject({ type: 'failed', error: { message: '1 of 2 versions failed: 13.' } });
  const results = await stack.client.versions.matrixResults(at);
  expect(results.map(({ version, passed }) => [version, passed])).toEqual([
    ['13', false],
    ['15', true],
  ]);
  expect(results[0]?.output).toContain('syntax error at or near "MERGE"');
  expect(await there()).toEqual([]);
});
