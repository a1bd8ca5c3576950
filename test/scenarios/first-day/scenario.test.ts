import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { isKind, toAppError } from '#contract/errors.ts';
import { type CoreStack, coreStacks } from '../../support/coreStack.ts';
import { canBeRemoved } from '../../support/networks.ts';
import { openTestEngine } from '../../support/realEngine.ts';

const outside: string[] = [];
// Registered before the stacks, so run after they are gone: nothing uses these any more.
afterEach(async () => {
  const engine = await openTestEngine();
  for (const name of outside.splice(0)) {
    await canBeRemoved(engine, `${name}-outside`);
    await engine.removeVolume(`${name}-kept`);
  }
  await engine.close();
});

const open = coreStacks();

const missing = async ({ client, workspace }: CoreStack) =>
  (await client.project.prerequisites({ workspace })).missing;
const idsIn = (stack: CoreStack, found: readonly { readonly id: string }[]) =>
  found.map(({ id }) =>
    id.replace(path.dirname(stack.file('compose.yaml')), '.').replace(stack.name, 'PROJECT'),
  );

/** The first fix of everything that is missing, as a click on each would do it. */
async function provideAll(stack: CoreStack): Promise<void> {
  const { client, workspace } = stack;
  for (const { id, fixes } of await missing(stack)) {
    const [fix] = fixes;
    if (fix !== undefined) await client.project.provide({ workspace, id, fix: fix.id });
  }
}

test('everything that a newcomer lacks must be found before the boot, all at once, each with a fix that works', async () => {
  const stack = await open(path.join(import.meta.dirname, 'stack'));
  const { client, workspace } = stack;

  const asked = await client.project.missingVariables({ workspace });
  expect(asked.variables).toEqual([
    { name: 'PASSWORD', message: 'the password of the database', example: 'secret' },
    { name: 'REGION', example: 'eu' },
  ]);
  await client.project.setVariables({ workspace, values: { PASSWORD: 'own', REGION: 'eu' } });
  expect(await readFile(stack.file('.env'), 'utf8')).toBe('PASSWORD=own\nREGION=eu\n');

  expect(idsIn(stack, await missing(stack))).toEqual(['file:./.env.local']);
  await provideAll(stack);
  expect(await readFile(stack.file('.env.local'), 'utf8')).toBe('LOCAL=yes\n');

  const lacking = await missing(stack);
  expect(idsIn(stack, lacking)).toEqual([
    'network:PROJECT-outside',
    'volume:PROJECT-kept',
    'context:built',
    'bind:./conf/app.conf',
    'bind:./strict',
    'file:./token.txt',
  ]);
  // A folder that the engine makes is meant to be made; a file that would become a folder is worth a word, no more.
  expect(lacking.filter(({ weight }) => weight === 'notes').map(({ kind }) => kind)).toEqual(['bind']);
  const refused = await client.stack
    .boot({ workspace })
    .catch((thrown: unknown) => toAppError(causeOf(thrown)));
  expect(refused).toMatchObject({ kind: 'project.unready' });
  expect('missing' in refused && refused.missing).toHaveLength(5);
  expect(await stack.containers()).toEqual({});

  outside.push(stack.name);
  await provideAll(stack);
  expect(await missing(stack)).toEqual([]);
  expect(await stack.boot()).toEqual({ type: 'done' });
  expect(await stack.exec('api', 'cat', '/app.conf')).toBe('listen 80\n');
  expect(await stack.exec('api', 'sh', '-c', 'echo $PASSWORD')).toBe('own\n');
  // What was chosen is Slipway's own: the file of the user still says service-b.
  expect(await readFile(stack.file('compose.yaml'), 'utf8')).toContain('./apps/service-b');
});

function causeOf(thrown: unknown): unknown {
  return thrown instanceof Error && isKind(thrown.cause, 'project.unready') ? thrown.cause : thrown;
}
