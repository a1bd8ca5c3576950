import os from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './scripts/longestFirst.ts';

/**
 * unit: beside the sources, no engine, no network, milliseconds.
 * engine: a real Docker engine with the hub's images (test/support/world.ts starts both).
 * soak: what takes minutes; never part of `npm test`.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src-main/**/*.test.ts',
            'src-renderer/**/*.test.ts',
            'scripts/**/*.test.ts',
            'test/support/**/*.test.ts',
          ],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'engine',
          include: [
            'test/conformance/**/*.test.ts',
            'test/scenarios/**/*.test.ts',
            'test/engine/**/*.test.ts',
          ],
          globalSetup: ['test/support/world.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: true,
          // One more than processors: half of the time a file waits for an engine that is starting or stopping something.
          maxWorkers: Math.max(3, os.availableParallelism() + 1),
        },
      },
      {
        test: {
          name: 'soak',
          include: ['test/soak/**/*.test.ts'],
          globalSetup: ['test/support/world.ts'],
          testTimeout: 3_600_000,
          hookTimeout: 600_000,
          maxWorkers: 1,
        },
      },
    ],
  },
});
