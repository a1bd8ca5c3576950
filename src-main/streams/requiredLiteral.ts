/** Shorter ones are found everywhere. */
const MIN_LITERAL_CHARS = 3;

/**
 * The longest text that every match of a regular expression (RE2's syntax) must contain, so that a fast search for it can
 * go first. Undefined where none is certain: an alternation at the top, only classes, groups, optional parts.
 */
export function requiredLiteral(pattern: string): string | undefined {
  if (/\(\?[a-zA-Z-]+[):]/.test(pattern)) return undefined; // flags change what letters mean
  let best = '';
  let run = '';
  const close = () => {
    if (run.length > best.length) best = run;
    run = '';
  };
  for (let at = 0; at < pattern.length; ) {
    const atom = readAtom(pattern, at);
    if (atom === undefined) return undefined;
    const repeat = readRepeat(pattern, atom.next);
    at = repeat.next;
    if (atom.literal === undefined || repeat.optional) close();
    else {
      run += atom.literal;
      if (repeat.repeated) close();
    }
  }
  close();
  return best.length >= MIN_LITERAL_CHARS ? best : undefined;
}

interface Atom {
  readonly next: number;
  /** Undefined: may be one of several. */
  readonly literal: string | undefined;
}

function readAtom(pattern: string, at: number): Atom | undefined {
  const char = String.fromCodePoint(pattern.codePointAt(at) ?? 0);
  switch (char) {
    case '|':
      return undefined;
    case '(':
      return skipped(groupEnd(pattern, at));
    case '[':
      return skipped(classEnd(pattern, at));
    case '.':
    case '^':
    case '$':
      return { next: at + 1, literal: undefined };
    case '\\':
      return readEscape(pattern, at);
    default:
      return { next: at + char.length, literal: char };
  }
}

function skipped(end: number): Atom | undefined {
  return end < 0 ? undefined : { next: end, literal: undefined };
}

function readEscape(pattern: string, at: number): Atom | undefined {
  const char = pattern[at + 1];
  if (char === undefined || char === 'Q' || char === 'x' || /[0-9]/.test(char)) return undefined;
  if (char === 'p' || char === 'P') {
    const end = pattern[at + 2] === '{' ? pattern.indexOf('}', at) + 1 : at + 3;
    return end > 0 ? { next: end, literal: undefined } : undefined;
  }
  return { next: at + 2, literal: /[a-zA-Z]/.test(char) ? undefined : char };
}

interface Repeat {
  readonly next: number;
  readonly optional: boolean;
  readonly repeated: boolean;
}

function readRepeat(pattern: string, at: number): Repeat {
  const match = /^(?:[*+?]|\{(\d*),?\d*\})\??/.exec(pattern.slice(at, at + 32));
  if (match === null) return { next: at, optional: false, repeated: false };
  const [text, least] = match;
  const optional =
    text.startsWith('*') || text.startsWith('?') || (least !== undefined && Number(least) === 0);
  return { next: at + text.length, optional, repeated: true };
}

function groupEnd(pattern: string, start: number): number {
  let depth = 0;
  for (let at = start; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++;
    else if (pattern[at] === '[') {
      at = classEnd(pattern, at) - 1;
      if (at < 0) return -1;
    } else if (pattern[at] === '(') depth++;
    else if (pattern[at] === ')' && --depth === 0) return at + 1;
  }
  return -1;
}

/** A bracket directly behind the opening one (or behind `^`) is a member. */
function classEnd(pattern: string, start: number): number {
  let at = start + 1;
  if (pattern[at] === '^') at++;
  if (pattern[at] === ']') at++;
  for (; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++;
    else if (pattern.startsWith('[:', at)) at = Math.max(at, pattern.indexOf(':]', at) + 1);
    else if (pattern[at] === ']') return at + 1;
  }
  return -1;
}
