import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { memoryFiles } from '#support/composeFiles.ts';
import { mutateText, seededRandom } from '#support/mutateText.ts';
import { configDocument } from './config.ts';
import { configHash } from './configHash.ts';
import { loadProject } from './load.ts';

/** FUZZ_RUNS=100000 FUZZ_SEED=7 for more of the same, or for the same again. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 3_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_140_605);
/** A damaged document may take this long at most, in milliseconds: it must not hang the app. */
const SLOWEST_MS = 10_000;

const CORPUS = path.resolve('test/compose-corpus');
const SEEDS = readdirSync(CORPUS)
  .map((name) => path.join(CORPUS, name, 'compose.yaml'))
  .filter((file) => existsSync(file))
  .map((file) => readFileSync(file, 'utf8'));

it(`damaged documents end in a project or in errors, never in anything else (${RUNS} with seed ${SEED})`, {
  timeout: 60_000 + RUNS * 20,
}, async () => {
  const random = seededRandom(SEED);
  const outcomes = { loaded: 0, invalid: 0 };
  for (let run = 0; run < RUNS; run += 1) {
    const text = mutateText(SEEDS[Math.floor(random() * SEEDS.length)] ?? '', random);
    const started = performance.now();
    const result = await loadProject({
      workingDir: '/fuzz',
      environment: { X: 'x' },
      reader: memoryFiles({ '/fuzz/compose.yaml': text, '/fuzz/other.yaml': 'services: {app: {image: a}}' }),
    }).catch((thrown: unknown) => {
      throw new Error(`run ${run} with seed ${SEED} threw on:\n${text}`, { cause: thrown });
    });
    outcomes[result.type] += 1;
    if (result.type === 'loaded') {
      configDocument(result.project);
      Object.values(result.project.services).map(configHash);
    } else {
      expect(result.errors.length).toBeGreaterThan(0);
      expect(result.errors.filter(({ kind }) => !kind.startsWith('compose.'))).toEqual([]);
    }
    expect(performance.now() - started).toBeLessThan(SLOWEST_MS);
  }
  // A mutator that breaks everything, or nothing, would test nothing.
  expect(outcomes.loaded).toBeGreaterThan(RUNS / 100);
  expect(outcomes.invalid).toBeGreaterThan(RUNS / 100);
});
