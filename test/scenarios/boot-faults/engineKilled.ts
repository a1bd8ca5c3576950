import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { SeededRandom } from '../../support/seededRandom.ts';
import type { PrivateStack } from './privateStack.ts';
import { isWholeAfterTheNextBoot } from './whole.ts';

/** About what a whole boot tells, so that every moment may be hit. */
const EVENTS = 45;
/** An engine that a supervisor brings back is away for about this long, milliseconds. */
const LONGEST_AWAY_MS = 4_000;

/**
 * Kills the engine's process in the middle of a boot and brings it back. The boot goes on or says why not, and the next one is
 * green.
 */
export async function bootWithKilledEngine(
  { stack, daemon }: PrivateStack,
  random: SeededRandom,
): Promise<'went on' | 'said why'> {
  expect(await (await stack.open()).down()).toEqual({ outcome: 'done' });
  const run = await stack.open();
  const plan = await run.bootPlan();
  const moment = 1 + random.below(EVENTS);
  let outage: Promise<void> | undefined;
  const result = await run.execute(plan, () => {
    if (run.events.length === moment) outage = killAndReturn(daemon, random.below(LONGEST_AWAY_MS));
  });
  await outage;
  if (result.outcome === 'failed')
    for (const { error } of result.failures) expect(error.kind, error.message).not.toBe('internal');
  await isWholeAfterTheNextBoot(stack);
  return result.outcome === 'done' ? 'went on' : 'said why';
}

async function killAndReturn(daemon: PrivateStack['daemon'], awayMs: number): Promise<void> {
  await daemon.kill('SIGKILL');
  await delay(awayMs);
  await daemon.start();
}
