import { checkPrivateRegistry } from './checkPrivate.ts';
import { CHECKS } from './checks.ts';
import type { HubInfo } from './hub.ts';
import { PRIVATE_SOURCE } from './privateImages.ts';
import { docker } from './trial.ts';

/** At once: most of the time goes into waiting for servers to come up. */
const PARALLEL_CHECKS = 3;

export interface CheckOutcome {
  readonly passed: number;
  /** What went wrong, one text per image. */
  readonly failures: readonly string[];
}

/** Pulls every served image by its plain name and runs it. */
export async function checkImages(hub: HubInfo, log: (line: string) => void): Promise<CheckOutcome> {
  const queue = hub.served.map(({ recipe }) => recipe.id);
  const failures: string[] = [];
  let passed = 0;
  const worker = async () => {
    for (let image = queue.shift(); image !== undefined; image = queue.shift()) {
      const start = Date.now();
      try {
        await pullAndCheck(image);
        passed++;
        log(`ok      ${image}  ${((Date.now() - start) / 1000).toFixed(1)} s`);
      } catch (thrown) {
        failures.push(`${image}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
        log(`FAILED  ${image}`);
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_CHECKS }, worker));
  return { passed, failures };
}

async function pullAndCheck(image: string): Promise<void> {
  const pulled = await docker(['pull', '--quiet', image]);
  if (pulled.status !== 0) throw new Error(pulled.output);
  const check = CHECKS[image.slice(0, image.lastIndexOf(':'))];
  if (check === undefined) throw new Error('there is no check for it');
  await check(image);
  if (image === PRIVATE_SOURCE) await checkPrivateRegistry();
}
