import { expect, test } from 'vitest';
import type { BuildStepView } from '#contract/requests/builds.ts';
import type { BuildFolder } from '#engine/builds.ts';
import { parseDockerfile } from './dockerfile.ts';
import { missedCache } from './missedCache.ts';
import { type ContextStamps, SeenContext } from './seenContext.ts';

const TEXT =
  'FROM node:24\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY src ./src\nRUN npm run build\n';

function step(line: number, status: BuildStepView['status'], tookMs = 0): BuildStepView {
  return { name: `[${line}/6] step`, line, status, startedAt: 0, tookMs, log: '' };
}

function missed(statuses: readonly BuildStepView['status'][], changed: readonly string[] | undefined) {
  const steps = statuses.map((status, at) => step(at + 1, status, at * 100));
  return missedCache(steps, parseDockerfile(TEXT), changed);
}

test('the first step that was done anew must be named, with the files it copies', () => {
  const cached = ['done', 'cached', 'cached', 'cached', 'done', 'done'] as const;
  expect(missed(cached, ['README.md', 'src/a.ts', 'src/b/c.ts'])).toEqual({
    line: 5,
    step: '[5/6] step',
    files: ['src/a.ts', 'src/b/c.ts'],
    moreFiles: 0,
    costMs: 900,
  });
  const all = ['done', 'cached', 'done', 'done', 'done', 'done'] as const;
  expect(missed(all, ['package-lock.json', 'src/a.ts'])).toMatchObject({
    line: 3,
    files: ['package-lock.json'],
  });
  expect(missed(['cached', 'cached', 'cached', 'cached', 'cached', 'cached'], [])).toBeUndefined();
  expect(missed(all, undefined)).toBeUndefined();
});

function folder(files: Readonly<Record<string, readonly [content: string, modified: number]>>): BuildFolder {
  return {
    identity: async () => 'test',
    async *list() {
      for (const [path, [content, modified]] of Object.entries(files))
        yield { path, kind: 'file', mode: 0o644, sizeBytes: content.length, modifiedNs: BigInt(modified) };
    },
    async *read(name) {
      yield Buffer.from(files[name]?.[0] ?? '');
    },
  };
}

async function seen(before: ContextStamps | undefined, files: Parameters<typeof folder>[0]) {
  const context = new SeenContext(before);
  const watched = context.watch(folder(files));
  for await (const { path } of watched.list({ exclude: [], only: [] }))
    for await (const _ of watched.read(path));
  return context;
}

test('a file that was touched has not changed; one that came, changed or went has', async () => {
  const first = await seen(undefined, { a: ['1', 1], b: ['1', 1], c: ['1', 1] });
  expect(first.changed()).toBeUndefined();
  const second = await seen(first.stamps, { a: ['1', 2], b: ['2', 2], d: ['1', 1] });
  expect(second.changed()).toEqual(['b', 'c', 'd']);
});
