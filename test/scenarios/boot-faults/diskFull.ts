import { spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import type { SeededRandom } from '../../support/seededRandom.ts';
import type { PrivateStack } from './privateStack.ts';
import { isWholeAfterTheNextBoot } from './whole.ts';

/** So much may be left, KiB: from nothing at all to about what the containers of a boot need. */
const MOST_LEFT_KIB = 400;

/** Fills the engine's disk but for a random rest, boots into it, makes room again: then a boot is green. */
export async function bootOnFullDisk(
  { stack, daemon }: PrivateStack,
  random: SeededRandom,
): Promise<'went on' | 'said why'> {
  expect(await (await stack.open()).down()).toEqual({ outcome: 'done' });
  const ballast = path.join(daemon.dataFolder, 'ballast');
  const result = await (async () => {
    try {
      fill(daemon.dataFolder, ballast, random.below(MOST_LEFT_KIB));
      return await (await stack.open()).boot();
    } finally {
      await rm(ballast, { force: true });
    }
  })();
  if (result.outcome === 'failed') {
    const kinds = result.failures.map(({ error }) => `${error.kind}: ${error.message}`);
    expect(
      kinds.some((said) => /^disk\.full|dependency\./.test(said)),
      kinds.join('\n'),
    ).toBe(true);
  }
  await isWholeAfterTheNextBoot(stack);
  return result.outcome === 'done' ? 'went on' : 'said why';
}

/** Takes all that is left but so many KiB; what is reserved for root is taken as well. */
function fill(folder: string, file: string, leaveKiB: number): void {
  const script = `free=$(stat -f -c '%f %S' "$1" | awk '{print int($1*$2/1024)}'); take=$((free-$3)); [ $take -gt 0 ] && head -c $((take*1024)) /dev/zero > "$2"; exit 0`;
  const { status, stderr } = spawnSync('sh', ['-c', script, 'fill', folder, file, String(leaveKiB)]);
  if (status !== 0) throw new Error(String(stderr));
}
