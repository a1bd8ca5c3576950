import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeFiles, memoryFiles } from '#support/composeFiles.ts';
import { configDocument, formatConfig } from './config.ts';
import { loadProject } from './load.ts';
import type { Project } from './project.ts';

/** What docker compose prints in a form that it does not read back itself; we print the same (docs/compose.md). */
const ONE_WAY = new Set([
  'attr-blkio', // the attributes of devices get capitals
  'attr-depends-on-optional-profile', // a dependency that is left out stays named
  'attr-provider-models', // the models are left out
  'attr-resources-legacy', // memswap_limit: -1 becomes a text, which is no size
  'attr-ulimits-sysctls', // a limit of 0 becomes an empty map
  'var-keys-not-interpolated', // a dollar sign is doubled in keys, where nothing halves it again
]);
const CORPUS = path.resolve('test/compose-corpus');
const CASES = readdirSync(CORPUS).filter(
  (name) =>
    !ONE_WAY.has(name) && !name.startsWith('bad-') && existsSync(path.join(CORPUS, name, 'compose.yaml')),
);

async function loadText(text: string, workingDir: string, environment = {}): Promise<Project> {
  const result = await loadProject({
    workingDir,
    environment,
    profiles: ['*'],
    reader: memoryFiles({ [`${workingDir}/compose.yaml`]: text }),
  });
  if (result.type === 'loaded') return result.project;
  throw new Error(result.errors.map(({ message }) => message).join('\n'));
}

describe('load(serialize(project)) is the identity', () => {
  it.each(CASES)('for %s', async (name) => {
    const folder = path.join(CORPUS, name);
    const own = path.join(folder, 'parity.json');
    const parity = existsSync(own) ? JSON.parse(readFileSync(own, 'utf8')) : {};
    const first = await loadProject({
      workingDir: folder,
      files: ['compose.yaml'],
      environment: { HOME: '/home/dev', ...parity.environment },
      reader: composeFiles(),
    });
    if (first.type !== 'loaded') throw new Error('the corpus case does not load');
    const again = await loadText(formatConfig(first.project), folder, { HOME: '/home/dev' });
    expect(configDocument(again)).toEqual(configDocument(first.project));
  });

  const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
  const anyText = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll('\u0000', ''));
  const service = fc.record(
    {
      image: word,
      command: fc.array(anyText, { maxLength: 4 }),
      environment: fc.dictionary(word, fc.oneof(anyText, fc.integer(), fc.boolean()), { maxKeys: 5 }),
      labels: fc.dictionary(word, anyText, { maxKeys: 3 }),
      ports: fc.array(
        fc.record({
          target: fc.integer({ min: 1, max: 65_535 }),
          published: fc.integer({ min: 1, max: 65_535 }).map(String),
        }),
        { maxLength: 3 },
      ),
      cpus: fc.float({ min: Math.fround(0.1), max: 64, noNaN: true }),
      mem_limit: fc.integer({ min: 1, max: 2 ** 40 }),
      tty: fc.boolean(),
      init: fc.boolean(),
      healthcheck: fc.record({
        test: fc.constant(['CMD', 'true']),
        interval: fc.integer({ min: 0, max: 1e6 }).map((ms) => `${ms}ms`),
      }),
      stop_grace_period: fc.integer({ min: 0, max: 1e5 }).map((seconds) => `${seconds}s`),
    },
    { requiredKeys: ['image', 'command'] },
  );

  it('for any services', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(word, service, { minKeys: 1, maxKeys: 4 }), async (services) => {
        const document = JSON.stringify({ name: 'p', services }).replaceAll('$', '$$$$');
        const first = await loadText(document, '/p');
        const again = await loadText(formatConfig(first), '/p');
        expect(configDocument(again)).toEqual(configDocument(first));
        for (const [name, { command }] of Object.entries(services))
          expect(first.services[name]?.command).toEqual(command);
      }),
      { numRuns: 200 },
    );
  });
});

describe('merging is associative', () => {
  const name = fc.constantFrom('a', 'b');
  const environment = fc.dictionary(fc.constantFrom('X', 'Y', 'Z'), fc.constantFrom('1', '2', '3'));
  const part = fc.dictionary(
    name,
    fc.record(
      {
        environment,
        labels: environment,
        ports: fc.uniqueArray(fc.constantFrom('80:80', '81:80', '443:443')),
        dns: fc.uniqueArray(fc.constantFrom('1.1.1.1', '8.8.8.8')),
        command: fc.constantFrom('one', 'two'),
        healthcheck: fc.record({ retries: fc.integer({ min: 1, max: 3 }) }),
      },
      { requiredKeys: [] },
    ),
    { minKeys: 2, maxKeys: 2 },
  );

  it('for what the specification merges by key: (one + two) + three is one + (two + three)', async () => {
    await fc.assert(
      fc.asyncProperty(part, part, part, async (one, two, three) => {
        const texts = [one, two, three].map((services) => JSON.stringify({ services }));
        const base = JSON.stringify({ services: { a: { image: 'i' }, b: { image: 'i' } } });
        const merge = async (...files: string[]) => {
          const entries = files.map((text, index) => [`/p/${index}.yaml`, text]);
          const result = await loadProject({
            workingDir: '/p',
            files: files.map((_, index) => `/p/${index}.yaml`),
            environment: {},
            reader: memoryFiles(Object.fromEntries(entries)),
          });
          if (result.type !== 'loaded') throw new Error(result.errors[0]?.message);
          return formatConfig(result.project);
        };
        const [first = '', second = '', third = ''] = texts;
        const left = await merge(await merge(base, first, second), third);
        const right = await merge(await merge(base, first), second, third);
        expect(left).toBe(right);
        expect(await merge(base, first, second, third)).toBe(left);
      }),
      { numRuns: 100 },
    );
  });
});
