import { describe, expect, it } from 'vitest';
import { IgnoreRules, type RuleResults, readIgnoreFile } from './ignoreRules.ts';

/** Is this path left out, asked folder by folder as a walk does? */
function ignored(text: string, name: string): boolean {
  const rules = new IgnoreRules(readIgnoreFile(text));
  let parent: RuleResults | undefined;
  let verdict = false;
  const parts = name.split('/');
  for (const [at] of parts.entries()) {
    const { ignored: now, results } = rules.judge(parts.slice(0, at + 1).join('/'), parent);
    parent = results;
    verdict = now;
  }
  return verdict;
}

describe('IgnoreRules', () => {
  it.each([
    ['node_modules', 'node_modules/a/b', true],
    ['node_modules', 'sub/node_modules/a', false],
    ['**/node_modules', 'sub/deep/node_modules/a', true],
    ['**/node_modules', 'node_modules', true],
    ['*.log', 'a.log', true],
    ['*.log', 'sub/a.log', false],
    ['**/*.log', 'sub/a.log', true],
    ['/b', 'b', true],
    ['./b/', 'b/c', true],
    ['a/../b', 'b', true],
    ['docs\n!docs/keep.md', 'docs/keep.md', false],
    ['docs\n!docs/keep.md', 'docs/other.md', true],
    ['!docs/keep.md\ndocs', 'docs/keep.md', true],
    ['*\n!src\nsrc/a', 'src/a/b', true],
    ['# comment\n  b  ', 'b', true],
    ['\uFEFFb', 'b', true],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['[a-c].txt', 'b.txt', true],
    ['a\\*', 'a*', true],
    ['a\\*', 'ab', false],
    ['src/**', 'src/x/y', true],
    ['src/**', 'src', false],
    ['a.b+c(d)', 'a.b+c(d)', true],
    ['a.b', 'axb', false],
  ])('%j on %j: %s', (text, name, expected) => {
    expect(ignored(text, name)).toBe(expected);
  });

  it('says which line is no pattern', () => {
    expect(() => new IgnoreRules(['[a'])).toThrow(/"\[a" is no pattern/);
    expect(() => new IgnoreRules(['!'])).toThrow(/no pattern/);
  });
});
