import path from 'node:path';
import { AppFailure } from '#contract/errors.ts';

/** What each rule said of a folder: whoever asks for something inside hands it on. */
export type RuleResults = readonly boolean[];

interface Rule {
  readonly exception: boolean;
  readonly matches: (name: string) => boolean;
}

/**
 * The rules of a `.dockerignore`, as docker reads them: the last rule that fits decides, a rule that fits a folder fits all in
 * it, `!` makes an exception. Source: moby/patternmatcher `patternmatcher.go`, MatchesUsingParentResults.
 */
export class IgnoreRules {
  readonly #rules: readonly Rule[];
  readonly hasExceptions: boolean;

  constructor(lines: readonly string[]) {
    this.#rules = lines.flatMap((line) => parseRule(line) ?? []);
    this.hasExceptions = this.#rules.some((rule) => rule.exception);
  }

  /** `name` is relative, with `/`; `parent` what its folder got, undefined at the top. */
  judge(name: string, parent?: RuleResults): { readonly ignored: boolean; readonly results: RuleResults } {
    let ignored = false;
    const results = this.#rules.map((rule, at) => {
      const known = parent?.[at] === true;
      // Only a rule that would change the verdict is asked.
      if (!known && rule.exception !== ignored) return false;
      const fits = known || rule.matches(name);
      if (fits) ignored = !rule.exception;
      return fits;
    });
    return { ignored, results };
  }
}

/** The lines of an ignore file that are rules. Source: moby/patternmatcher `ignorefile`. */
export function readIgnoreFile(text: string): string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(normalLine);
}

function normalLine(line: string): string {
  const exception = line.startsWith('!');
  const rest = exception ? line.slice(1).trim() : line;
  if (rest === '') return line;
  const clean = cleaned(rest);
  const relative = clean.length > 1 && clean.startsWith('/') ? clean.slice(1) : clean;
  return exception ? `!${relative}` : relative;
}

function parseRule(line: string): Rule | undefined {
  const text = line.trim();
  if (text === '') return undefined;
  const clean = cleaned(text);
  const exception = clean.startsWith('!');
  const pattern = exception ? clean.slice(1) : clean;
  if (pattern === '') throw badRule(line);
  return { exception, matches: matcher(pattern, line) };
}

/** Go's filepath.Clean. */
function cleaned(text: string): string {
  const normal = path.posix.normalize(text);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

type Kind = 'exact' | 'prefix' | 'suffix' | 'pattern';

/** Source: moby/patternmatcher, Pattern.compile: what needs no pattern is compared as text. */
function matcher(pattern: string, line: string): Rule['matches'] {
  const { kind, source } = translate(pattern);
  switch (kind) {
    case 'exact':
      return (name) => name === pattern;
    case 'prefix':
      return (name) => name.startsWith(pattern.slice(0, -2));
    case 'suffix': {
      const end = pattern.slice(2);
      return (name) => name.endsWith(end) || (end.startsWith('/') && name === end.slice(1));
    }
    case 'pattern': {
      const expression = compiled(source, line);
      return (name) => expression.test(name);
    }
  }
}

function translate(pattern: string): { readonly kind: Kind; readonly source: string } {
  let kind: Kind = 'exact';
  let source = '';
  let rest = pattern;
  while (rest !== '') {
    const part = nextPart(rest);
    const atEnd = part.length === rest.length;
    const first = rest === pattern;
    rest = rest.slice(part.length);
    if (part.startsWith('**')) {
      if (atEnd && kind === 'exact') kind = 'prefix';
      else {
        source += atEnd ? '.*' : '(.*/)?';
        kind = 'pattern';
      }
      if (first) kind = 'suffix';
      continue;
    }
    if ('*?[]\\'.includes(part.charAt(0))) kind = 'pattern';
    source += partSource(part);
  }
  return { kind, source };
}

/** `**` takes its slash along, a backslash the character behind it. */
function nextPart(rest: string): string {
  return /^(\*\*\/?|\\.?|.)/su.exec(rest)?.[0] ?? '';
}

function partSource(part: string): string {
  if (part === '*') return '[^/]*';
  if (part === '?') return '[^/]';
  if (part === '\\') return '\\\\';
  return '.+()|{}$'.includes(part) ? `\\${part}` : part;
}

function compiled(source: string, line: string): RegExp {
  try {
    return new RegExp(`^${source}$`, 's');
  } catch (thrown) {
    throw badRule(line, thrown);
  }
}

function badRule(line: string, cause?: unknown): AppFailure {
  return new AppFailure(
    { kind: 'input.invalid', field: '.dockerignore', message: `.dockerignore: "${line}" is no pattern.` },
    { cause },
  );
}
