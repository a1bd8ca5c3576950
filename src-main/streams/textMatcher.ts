import { RE2JS } from 're2js';
import { AppFailure } from '#contract/errors.ts';
import { requiredLiteral } from './requiredLiteral.ts';

/** What to look for in a line. */
export interface TextQuery {
  readonly text: string;
  readonly regex: boolean;
  readonly caseSensitive: boolean;
}

/** Finds lines that match, in linear time whatever the pattern. */
export interface TextMatcher {
  /** Does this line match? */
  test(line: Buffer): boolean;
  /** Rough and fast: false only when no line of this text (lines with line feeds between them) can match. */
  mayMatch(text: Buffer): boolean;
  /**
   * Offsets in `text` that lie in a line which may match, in order; undefined when every line must be asked. `next` gives
   * the first one at or behind `from`, or -1.
   */
  candidates(text: Buffer): ((from: number) => number) | undefined;
}

/** Rejects with `input.invalid` for what is no regular expression. */
export function createTextMatcher(query: TextQuery): TextMatcher {
  if (query.regex) return regexMatcher(query);
  const isAscii = /^[\x00-\x7f]*$/.test(query.text);
  if (!query.caseSensitive && !isAscii) return regexMatcher({ ...query, text: RE2JS.quote(query.text) });
  return literalMatcher(query.text, query.caseSensitive);
}

function literalMatcher(text: string, caseSensitive: boolean): TextMatcher {
  const find = literalFinder(text, caseSensitive);
  return {
    test: (line) => find(line)(0) >= 0,
    mayMatch: (block) => find(block)(0) >= 0,
    candidates: (block) => find(block),
  };
}

/** Without regard to case only for ASCII: folding then keeps every byte at its place. */
function literalFinder(text: string, caseSensitive: boolean): (bytes: Buffer) => (from: number) => number {
  const needle = Buffer.from(text);
  if (caseSensitive) return (bytes) => (from) => bytes.indexOf(needle, from);
  const folded = text.toLowerCase();
  return (bytes) => {
    const haystack = bytes.toString('latin1').toLowerCase();
    return (from) => haystack.indexOf(folded, from);
  };
}

function regexMatcher({ text, caseSensitive }: TextQuery): TextMatcher {
  const flags = caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE;
  const line = compile(text, flags);
  const literal = requiredLiteral(text);
  if (
    literal !== undefined &&
    (caseSensitive || (/^[\x00-\x7f]*$/.test(literal) && !foldsBeyondAscii(literal)))
  ) {
    const find = literalFinder(literal, caseSensitive);
    return { test: (bytes) => line.test(bytes), mayMatch: (block) => find(block)(0) >= 0, candidates: find };
  }
  // Over many lines at once `^` and `$` stand at every line feed; what names the very ends of the text cannot be asked so.
  const many = /\\[AzZ]/.test(text) ? undefined : compile(text, flags | RE2JS.MULTILINE);
  return {
    test: (bytes) => line.test(bytes),
    mayMatch: (block) => many === undefined || many.test(block),
    candidates: () => undefined,
  };
}

/** The Kelvin sign folds to k and the long s to s: an ASCII search would miss them. */
function foldsBeyondAscii(literal: string): boolean {
  return /[ks]/i.test(literal);
}

function compile(pattern: string, flags: number): RE2JS {
  try {
    return RE2JS.compile(pattern, flags);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new AppFailure(
      {
        kind: 'input.invalid',
        field: 'text',
        message: `This is no regular expression that can be searched for: ${reason}`,
      },
      { cause: thrown },
    );
  }
}
