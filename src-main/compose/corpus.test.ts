import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { movedFiles } from '#support/composeFiles.ts';
import { configDocument } from './config.ts';
import { configHash } from './configHash.ts';
import { loadProject } from './load.ts';
import type { LoadOptions, LoadResult } from './loadOptions.ts';

/**
 * The corpus: each folder is a case that docker compose reads too. expected.json is what docker compose 2.40 made of it,
 * written by `npm run compose:parity -- test/compose-corpus --write`; errors.txt is what we tell the user.
 */
const FOLDER = path.resolve('test/compose-corpus');
/** Where docker compose saw it (scripts/compose-parity/expected.ts): hashes cover absolute paths. */
const CORPUS = '/tmp/slipway-compose-corpus';
const CASES = readdirSync(FOLDER)
  .filter((name) => existsSync(path.join(FOLDER, name, 'compose.yaml')))
  .sort();

interface Expected {
  readonly invalid?: true;
  readonly config?: unknown;
  readonly hashes?: Readonly<Record<string, string>>;
}

interface Parity {
  readonly files?: readonly string[];
  readonly profiles?: readonly string[];
  readonly envFiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8').replaceAll('{corpus}', CORPUS));
}

function load(name: string, mode: LoadOptions['envFileResolution']): Promise<LoadResult> {
  const folder = path.join(CORPUS, name);
  const own = path.join(FOLDER, name, 'parity.json');
  const parity = existsSync(own) ? (readJson(own) as Parity) : {};
  return loadProject({
    workingDir: folder,
    files: parity.files ?? ['compose.yaml'],
    profiles: parity.profiles,
    envFiles: parity.envFiles,
    environment: { HOME: '/home/dev', PWD: folder, ...parity.environment },
    reader: movedFiles(FOLDER, CORPUS),
    envFileResolution: mode,
  });
}

function errorsText(result: LoadResult & { readonly type: 'invalid' }): string {
  return result.errors
    .map((error) => {
      const at =
        'at' in error && error.at
          ? `${path.relative(CORPUS, error.at.file)}:${error.at.line}:${error.at.column}`
          : '-';
      const where = error.kind === 'compose.invalid' ? (error.path ?? '') : '';
      return `${error.kind} ${at} ${where}\n  ${error.message.replaceAll(CORPUS, '{corpus}')}\n`;
    })
    .join('');
}

describe.each(CASES)('%s', (name) => {
  const expected = readJson(path.join(FOLDER, name, 'expected.json')) as Expected;
  const isOld = name.startsWith('old-');

  if (expected.config !== undefined)
    it('means what docker compose makes of it', async () => {
      const result = await load(name, 'resolve');
      expect(result).toMatchObject({ type: 'loaded' });
      if (result.type === 'loaded') expect(configDocument(result.project)).toEqual(expected.config);
    });

  if (expected.hashes !== undefined)
    it('has the hashes of docker compose', async () => {
      const result = await load(name, 'keep');
      expect(result).toMatchObject({ type: 'loaded' });
      if (result.type !== 'loaded') return;
      const hashes = Object.entries(result.project.services).map(([key, service]) => [
        key,
        configHash(service),
      ]);
      expect(Object.fromEntries(hashes)).toEqual(expected.hashes);
    });

  if (expected.invalid === true && !isOld)
    it('is refused, and says where and why', async () => {
      const result = await load(name, 'resolve');
      expect(result).toMatchObject({ type: 'invalid' });
      if (result.type === 'invalid')
        await expect(errorsText(result)).toMatchFileSnapshot(path.join(FOLDER, name, 'errors.txt'));
    });

  if (expected.invalid === true && isOld)
    it('is read although docker compose has forgotten the format', async () => {
      const result = await load(name, 'resolve');
      expect(result.warnings.map(({ kind }) => kind)).toContain('format.converted');
      expect(result).toMatchObject({ type: 'loaded' });
      if (result.type !== 'loaded') return;
      const text = JSON.stringify(configDocument(result.project), undefined, 1).replaceAll(
        CORPUS,
        '{corpus}',
      );
      await expect(`${text}\n`).toMatchFileSnapshot(path.join(FOLDER, name, 'converted.json'));
    });
});
