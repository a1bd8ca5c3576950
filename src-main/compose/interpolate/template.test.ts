// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are compose's own templates
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidTemplate, substitute } from './template.ts';

const VALUES: Readonly<Record<string, string>> = { SET: 'set', EMPTY: '' };

function run(template: string): { text: string; unset: string[]; required: [string, string][] } {
  const unset: string[] = [];
  const required: [string, string][] = [];
  const text = substitute(template, (name) => VALUES[name], {
    unset: (name) => unset.push(name),
    required: (name, reason) => required.push([name, reason]),
  });
  return { text, unset, required };
}

describe('variables', () => {
  it.each([
    ['$SET ${SET}', 'set set'],
    ['${EMPTY:-default}', 'default'],
    ['${EMPTY-default}', ''],
    ['${NONE:-${ALSO_NONE:-deep}}', 'deep'],
    ['${SET:+yes}${NONE:+no}${EMPTY:+no}${EMPTY+yes}', 'yesyes'],
    ['$$SET $${SET}', '$SET ${SET}'],
    ['$(date) $1 100$ $', '$(date) $1 100$ $'],
    ['${JSON:-{"a":1}}', '{"a":1}'],
    ['${BRACES:-{}}', '{}'],
    ['${URL:-http://a:80/?b=-c+d}', 'http://a:80/?b=-c+d'],
  ])('%s becomes %s', (template, text) => {
    expect(run(template).text).toBe(text);
  });

  it('that are not set are named and empty', () => {
    expect(run('a${NONE}b')).toMatchObject({ text: 'ab', unset: ['NONE'] });
  });

  it('that must be set are named with the reason', () => {
    expect(run('${NONE:?get $SET}${EMPTY:?x}${EMPTY?y}').required).toEqual([
      ['NONE', 'get set'],
      ['EMPTY', 'x'],
    ]);
  });

  it.each(['${', '${}', '${1}', '${A', '${A:x}', '${A b}', '${A:-one\ntwo}'])('%j is refused', (template) => {
    expect(() => run(template)).toThrow(InvalidTemplate);
  });

  it('never do worse than refuse, whatever the text', () => {
    const pieces = fc.constantFrom('$', '{', '}', ':', '-', '?', '+', 'A', 'SET', '\n', ' ', '1');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        try {
          run(parts.join(''));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(InvalidTemplate);
        }
      }),
    );
  });
});
