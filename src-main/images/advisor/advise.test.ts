import { describe, expect, it } from 'vitest';
import { GOOD, SLOW } from '#support/dockerfiles.ts';
import { type AdvisorFacts, advise } from './advise.ts';

function rulesOf(text: string, files: readonly string[], change: Partial<AdvisorFacts> = {}) {
  return adviceOf(text, files, change).map(({ rule }) => rule);
}

function adviceOf(text: string, files: readonly string[], change: Partial<AdvisorFacts> = {}) {
  const context = files.map((name) => ({
    path: name.replace(/\/$/, ''),
    kind: name.endsWith('/') ? ('folder' as const) : ('file' as const),
  }));
  return advise({
    dockerfile: 'Dockerfile',
    text,
    files: { dockerfile: '/x/Dockerfile', ignore: '/x/.dockerignore' },
    ignore: 'node_modules\n.git\n',
    context,
    ...change,
  });
}

describe('slow Dockerfiles', () => {
  it.each(SLOW)('%s: installs before the source comes', (_name, files, text, expected) => {
    const [first, ...others] = adviceOf(text, files);
    expect(others).toEqual([]);
    expect(first?.rule).toBe('late-copy');
    const lines = first?.change?.text.split('\n') ?? [];
    const at = expected.map((line) => lines.indexOf(line));
    expect(at, `${expected.join('\n')}\n--- in\n${first?.change?.text}`).not.toContain(-1);
    expect(at).toEqual([...at].sort((a, b) => a - b));
    expect(first?.change?.diff).toContain(`+${expected.find((line) => line.startsWith('COPY'))}`);
    expect(adviceOf(first?.change?.text ?? '', files), 'the changed file is a good one').toEqual([]);
  });
});

describe('good Dockerfiles', () => {
  it.each(GOOD)('%s: nothing to say', (_name, files, text) => {
    expect(adviceOf(text, files)).toEqual([]);
  });
});

describe('what else makes builds slow, or images doubtful', () => {
  const good = 'FROM node:24\nCOPY package.json ./\nRUN npm ci\nCOPY . .\nUSER node\nCMD ["node", "."]\n';
  const files = ['package.json', 'node_modules/', '.git/', 'src/'];

  it('node_modules in the context, with the ignore file that leaves it out', () => {
    const [advice, ...others] = adviceOf(good, files, { ignore: undefined });
    expect(others).toEqual([]);
    expect(advice).toMatchObject({
      rule: 'no-dockerignore',
      line: 4,
      change: { file: '/x/.dockerignore', text: 'node_modules\n.git\n' },
    });
    expect(advice?.change?.diff).toBe(
      '--- /dev/null\n+++ b/.dockerignore\n@@ -0,0 +1,2 @@\n+node_modules\n+.git\n',
    );
    expect(rulesOf(good, files, { ignore: '.git' })).toEqual(['context-too-large']);
  });

  it('a base without a version, and a service that runs as root', () => {
    expect(rulesOf('FROM node\nCMD ["node"]\n', [])).toEqual(['latest-base', 'root-user']);
    expect(rulesOf('FROM node:latest\nUSER node\nCMD ["node"]\n', [])).toEqual(['latest-base']);
    expect(rulesOf('FROM host:5000/node\nUSER node\nCMD ["node"]\n', [])).toEqual(['latest-base']);
    expect(rulesOf('FROM node:24 AS a\nUSER node\nFROM a\nCMD ["x"]\n', [])).toEqual([]);
    expect(rulesOf('ARG V=1\nFROM node:$V\nUSER node\nCMD ["node"]\n', [])).toEqual([]);
  });

  it('what it cost in the last build', () => {
    const text = 'FROM node:24\nCOPY . .\nRUN npm ci\nUSER node\nCMD ["node"]\n';
    const step = {
      name: '[3/3] RUN npm ci',
      line: 3,
      status: 'done',
      startedAt: 0,
      tookMs: 118_000,
      log: '',
    } as const;
    const lastBuild = {
      id: '1',
      service: 'a',
      image: 'a',
      startedAt: 0,
      outcome: 'done',
      steps: [step],
      warnings: [],
    } as const;
    expect(adviceOf(text, ['package.json'], { lastBuild })[0]).toMatchObject({ costMs: 118_000 });
    // In the right order already: then what was downloaded can be kept.
    const ordered = 'FROM node:24\nCOPY package.json ./\nRUN npm ci\nCOPY . .\nUSER node\nCMD ["node"]\n';
    const [kept, ...others] = adviceOf(ordered, ['package.json'], { lastBuild });
    expect(others).toEqual([]);
    expect(kept).toMatchObject({ rule: 'cache-mount', severity: 'note', line: 3, costMs: 118_000 });
    expect(kept?.change?.text).toContain('RUN --mount=type=cache,target=/root/.npm npm ci');
    expect(adviceOf(kept?.change?.text ?? '', ['package.json'], { lastBuild })).toEqual([]);
  });
});
