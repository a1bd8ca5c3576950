import { spawn } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { test } from 'vitest';
import { proveOneBoot } from '../../scenarios/boot-proof/proof.ts';
import { scenario } from '../../support/scenario.ts';
import { SeededRandom } from '../../support/seededRandom.ts';

const FOLDER = path.join(import.meta.dirname, '../../scenarios/boot-proof');
const stack = scenario(FOLDER, ['busybox:1']);
const BOOTS = Number(process.env['BOOTS'] ?? 200);

const random = new SeededRandom();

test(`ready means ready in ${BOOTS} boots with every core busy (SEED=${random.seed})`, async () => {
  const busy = os.cpus().map(() => spawn(process.execPath, ['-e', 'for(;;);']));
  try {
    for (let boot = 0; boot < BOOTS; boot++) await proveOneBoot(stack, random);
  } finally {
    for (const process of busy) process.kill('SIGKILL');
  }
});
