import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { CoreStack } from './coreStack.ts';
import { Peace } from './peace.ts';
import { openTestEngine } from './realEngine.ts';

const STACKS = path.resolve(import.meta.dirname, '../scenarios/peace/stacks');

/** The surroundings of both sides, so that both read the same from the same file. */
const ENVIRONMENT = { HOME: '/home/dev' } as const;

/** The names of all stacks that live in both hands. */
export const PEACE_STACKS: readonly string[] = readdirSync(STACKS).sort();

/** Boots a stack from either side, and has each side leave alone, show and take down what the other made; compares both. */
export async function expectPeace(name: string): Promise<void> {
  const stack = await CoreStack.open(path.join(STACKS, name), ENVIRONMENT);
  const outside = name === 'external' ? await makeOutside(stack) : async () => undefined;
  try {
    const peace = new Peace(stack, ENVIRONMENT);
    const ours = await peace.bootedHere();
    const theirs = await peace.bootedThere();
    expect(ours).toEqual(theirs);
  } finally {
    await stack.dispose();
    await outside();
  }
}

/** What the stack expects to be there. It must be there afterwards too: nobody here may remove what is not theirs. */
async function makeOutside(stack: CoreStack): Promise<() => Promise<void>> {
  const [network, volume] = [`${stack.name}-outside`, `${stack.name}-kept`];
  const engine = await openTestEngine();
  await engine.createNetwork({ Name: network, CheckDuplicate: true });
  await engine.createVolume({ Name: volume });
  return async () => {
    await engine.removeNetwork(network);
    await engine.removeVolume(volume);
    await engine.close();
  };
}
