import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, inject } from 'vitest';
import type { CoreStack } from '../../support/coreStack.ts';
import { docker } from '../cli/runCli.ts';
import type { Releases } from './releases.ts';

const MAIN = path.resolve(import.meta.dirname, '../../../src-main/cli/main.ts');

/** What a container is, without what no two containers share. */
export async function configuration(stack: CoreStack) {
  const { raw, imageId } = await stack.inspect('api');
  const config = raw['Config'] as Record<string, unknown>;
  const { 'com.docker.compose.replace': _, ...labels } = config['Labels'] as Record<string, string>;
  return {
    imageId,
    config: { ...config, Hostname: '', Labels: labels },
    host: raw['HostConfig'],
    mounts: (raw['Mounts'] as { Destination: string }[]).toSorted((a, b) =>
      a.Destination.localeCompare(b.Destination),
    ),
  };
}

/** A Slipway of its own on the same folder, as a user would start one in a terminal. */
function start(stack: CoreStack, args: readonly string[]) {
  const home = stack.file('..');
  return spawn(process.execPath, [MAIN, '-p', stack.name, ...args], {
    cwd: stack.file('.'),
    env: { ...process.env, DOCKER_HOST: inject('engineHost'), HOME: home, XDG_DATA_HOME: home },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** Begins a command and kills it so long after its first word: in the pull, in the replacement, in the wait, at the end. */
export async function killed(stack: CoreStack, args: readonly string[], afterMs: number): Promise<void> {
  const child = start(stack, args);
  let timer: NodeJS.Timeout | undefined;
  child.stderr.once('data', () => {
    timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
  });
  child.stderr.resume();
  await once(child, 'close');
  clearTimeout(timer);
}

export async function command(stack: CoreStack, ...args: readonly string[]) {
  const child = start(stack, args);
  const stderr = text(child.stderr);
  const [status] = await once(child, 'close');
  return { status, stderr: await stderr };
}

export interface Kill {
  /** Kill the way back, not the way there. */
  readonly of: 'swap' | 'unswap';
  readonly afterMs: number;
}

/**
 * One kill, and what must hold after it: whatever runs is labelled as what it is, one command goes the other way, and the local
 * container is what it was before.
 */
export async function killAndReturn(
  {
    stack,
    releases,
    before,
  }: { stack: CoreStack; releases: Releases; before: Awaited<ReturnType<typeof configuration>> },
  { of, afterMs }: Kill,
): Promise<'local' | 'production'> {
  await docker('rmi', '-f', releases.image('2'));
  const values = ['-e', 'PAYMENT_KEY=killed-value'];
  if (of === 'unswap') expect(await command(stack, 'swap', 'api', ...values)).toMatchObject({ status: 0 });
  await killed(stack, of === 'swap' ? ['swap', 'api', ...values] : ['unswap', 'api'], afterMs);
  const left = await state(stack, releases, before.imageId);
  const back = await command(stack, 'unswap', 'api');
  // Killed before it began, or after it had ended: then it runs its own image already.
  if (back.status !== 0) expect(back.stderr).toContain('runs its own image');
  expect(await configuration(stack), `${of} killed after ${afterMs} ms`).toEqual(before);
  const files = await readdir(stack.file('.slipway')).catch(() => []);
  expect(files.filter((name) => name !== '.gitignore')).toEqual([]);
  return left;
}

/** The one container of the service after recovery: local or production, and its labels say the same. */
async function state(stack: CoreStack, releases: Releases, localId: string): Promise<'local' | 'production'> {
  // Any command recovers first; this one changes nothing.
  const seen = await command(stack, 'ps', '--json');
  expect(seen.status, seen.stderr).toBe(0);
  const labels = [`com.docker.compose.project=${stack.name}`, 'com.docker.compose.service=api'];
  const all = await stack.engine.listContainers({ all: true, labels });
  expect(all).toHaveLength(1);
  const [{ image, imageId, labels: own } = all[0] as never] = all;
  const runs = imageId === localId ? 'local' : 'production';
  expect(own['com.docker.compose.image']).toBe(imageId);
  if (runs === 'production') expect(image).toBe(releases.image('2'));
  return runs;
}
