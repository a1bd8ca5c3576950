import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, inject } from 'vitest';
import type { Stack } from '../../support/scenario.ts';
import type { SeededRandom } from '../../support/seededRandom.ts';
import { isWholeAfterTheNextBoot } from './whole.ts';

const COMMAND = new URL('../../../src-main/cli/main.ts', import.meta.url).pathname;

/** Kills `slipway up` at a random moment of its boot: the next boot finds what is there and finishes it. */
export async function bootWithKilledApp(
  stack: Stack,
  random: SeededRandom,
): Promise<'was done' | 'was killed'> {
  expect(await (await stack.open()).down()).toEqual({ outcome: 'done' });
  const app = up(stack);
  const ended = once(app, 'exit');
  // From the first container on: before that a kill is no event for the stack.
  await Promise.race([firstContainer(stack), ended]);
  await Promise.race([delay(random.below(2_500)), ended]);
  const outcome = app.exitCode === null ? 'was killed' : 'was done';
  app.kill('SIGKILL');
  await ended;
  await isWholeAfterTheNextBoot(stack);
  return outcome;
}

function up(stack: Stack): ChildProcess {
  return spawn(process.execPath, [COMMAND, '-f', stack.file, '-p', stack.name, 'up', '--json'], {
    stdio: 'ignore',
    env: { ...process.env, DOCKER_HOST: inject('engineHost') },
  });
}

async function firstContainer(stack: Stack): Promise<void> {
  const labels = [`com.docker.compose.project=${stack.name}`];
  const events = await stack.engine.openEvents({ labels, signal: AbortSignal.timeout(60_000) });
  try {
    for await (const _ of events) return;
  } finally {
    events.close();
  }
}
