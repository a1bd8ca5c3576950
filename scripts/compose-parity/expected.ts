import { cpSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { askHashes, askOracle, settingOf } from './oracle.ts';

/**
 * Where the corpus is while docker compose reads it: hashes cover absolute paths, so that these must be the same on every
 * machine. The unit tests read the cases under this path too, wherever the checkout is.
 */
export const CORPUS_PATH = '/tmp/slipway-compose-corpus';

/** What stands in expected.json for the folder of all cases. */
const PLACEHOLDER = '{corpus}';

/** The surroundings of a case, the same everywhere. The unit tests use them too. */
export const SURROUNDINGS = { HOME: '/home/dev' } as const;

/** Writes what docker compose makes of each case beside it. */
export async function writeExpected(corpus: string, only: string | undefined): Promise<void> {
  rmSync(CORPUS_PATH, { recursive: true, force: true });
  cpSync(corpus, CORPUS_PATH, { recursive: true, verbatimSymlinks: true });
  const cases = readdirSync(corpus).filter((name) => existsSync(path.join(corpus, name, 'compose.yaml')));
  for (const name of cases.sort()) {
    if (only !== undefined && !name.includes(only)) continue;
    const file = path.join(CORPUS_PATH, name, 'compose.yaml');
    const expected = JSON.stringify(await expectedOf(file), undefined, 1);
    writeFileSync(
      path.join(corpus, name, 'expected.json'),
      `${expected.replaceAll(CORPUS_PATH, PLACEHOLDER)}\n`,
    );
  }
  rmSync(CORPUS_PATH, { recursive: true, force: true });
}

async function expectedOf(file: string): Promise<unknown> {
  const setting = settingOf(file, {
    ...SURROUNDINGS,
    PATH: process.env['PATH'],
    DOCKER_CONFIG: process.env['DOCKER_CONFIG'] ?? path.join(os.homedir(), '.docker'),
  });
  const answer = await askOracle(setting);
  if ('broke' in answer) throw new Error(`docker compose broke on ${file}: ${answer.broke}`);
  if ('problem' in answer) return { invalid: true };
  return { config: answer.document, hashes: Object.fromEntries(await askHashes(setting)) };
}
