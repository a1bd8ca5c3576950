import { afterEach, describe } from 'vitest';
import { abortConformance } from './aborts.ts';
import { containerConformance } from './containers.ts';
import { Harness, type Target } from './harness.ts';
import { resourceConformance } from './resources.ts';
import { streamConformance } from './streams.ts';

/**
 * What every engine does, the real one and the fake: one suite for both, so that the fake cannot lie. Runs where
 * `target.engine` is open (a `beforeAll` of the caller).
 */
export function engineConformance(title: string, target: Target): void {
  const harness = new Harness(target);
  describe(title, () => {
    afterEach(() => harness.cleanUp());
    containerConformance(harness);
    streamConformance(harness);
    resourceConformance(harness);
    abortConformance(harness);
  });
}
