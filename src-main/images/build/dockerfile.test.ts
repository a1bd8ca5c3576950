import { describe, expect, it } from 'vitest';
import { lineOfStep, placedFailure } from './buildFailure.ts';
import { copiedPaths, parseDockerfile } from './dockerfile.ts';

const FILE = `# syntax=docker/dockerfile:1
ARG BASE=node:24
FROM $BASE AS build

COPY --chown=node package.json \\
  # a comment in between
  package-lock.json ./
RUN <<EOF
npm ci
EOF
RUN npm run build && \\
    rm -rf tmp
FROM scratch
COPY --from=build /out /
`;

describe('parseDockerfile', () => {
  it('finds every instruction with its lines, stage and flags', () => {
    const found = parseDockerfile(FILE).map(({ keyword, line, endLine, stage }) => [
      keyword,
      line,
      endLine,
      stage,
    ]);
    expect(found).toEqual([
      ['ARG', 2, 2, -1],
      ['FROM', 3, 3, 0],
      ['COPY', 5, 7, 0],
      ['RUN', 8, 10, 0],
      ['RUN', 11, 12, 0],
      ['FROM', 13, 13, 1],
      ['COPY', 14, 14, 1],
    ]);
    const [, , copy, , , , last] = parseDockerfile(FILE);
    expect(copy && copiedPaths(copy)).toEqual({
      sources: ['package.json', 'package-lock.json'],
      target: './',
    });
    expect(last && copiedPaths(last)).toBeUndefined();
  });

  it('takes another mark of continued lines', () => {
    const [run] = parseDockerfile('# escape=`\nFROM x\nRUN a `\n  b').slice(1);
    expect(run).toMatchObject({ text: 'a b', endLine: 4 });
  });
});

describe('a failure’s place', () => {
  it('is the line of the step that failed, also where variables are written out', () => {
    const instructions = parseDockerfile(FILE);
    expect(lineOfStep(instructions, { step: '[build 4/4] RUN npm run build &&     rm -rf tmp' })).toBe(11);
    expect(lineOfStep(instructions, { step: '[build 1/4] FROM docker.io/library/node:24' })).toBe(3);
  });

  it('is the line that the builder names, without the lines that we have added', () => {
    const error = {
      kind: 'build.failed',
      output: '',
      message: 'dockerfile parse error line 6: unknown instruction: FOO',
    } as const;
    const facts = { text: FILE, file: '/x/Dockerfile', addedLines: 1, step: undefined };
    expect(placedFailure(error, 'api', facts)).toMatchObject({
      service: 'api',
      at: { file: '/x/Dockerfile', line: 5 },
      message: 'COPY --chown=node package.json package-lock.json ./: unknown instruction: FOO',
    });
  });
});
