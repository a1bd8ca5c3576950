import { CODE, type Cursor, isBlank, isBlankOrEnd, isBreak } from './cursor.ts';

/** The line breaks and spaces between two pieces of a scalar, folded as YAML folds them. */
class Gap {
  spaces = '';
  first = '';
  more = '';
  /** Whether there was a line break: spaces behind it are indentation. */
  broken = false;

  take(cursor: Cursor): void {
    if (isBreak(cursor.code())) {
      const text = cursor.takeBreak();
      if (this.broken) this.more += text;
      else this.first = text;
      this.broken = true;
      this.spaces = '';
      return;
    }
    const start = cursor.offset;
    cursor.skipBlanks();
    if (!this.broken) this.spaces += cursor.text.slice(start, cursor.offset);
  }

  /** One break is a space, more are one fewer; of an escaped break nothing is left. */
  folded(): string {
    if (!this.broken) return this.spaces;
    if (this.first === '') return this.more;
    if (this.first !== '\n') return this.first + this.more;
    return this.more === '' ? ' ' : this.more;
  }
}

/** Where the words of a line end: at `: `, ` #`, a tab or the line's end; inside `[…]` or `{…}` also at their marks. */
const END_OF_WORDS = /:(?=[ \t\n\r\x85\u2028\u2029]|$)|[\t\n\r\x85\u2028\u2029]| (?=#)/g;
const END_OF_FLOW_WORDS = /:(?=[ \t\n\r\x85\u2028\u2029]|$)|[\t\n\r\x85\u2028\u2029,?[\]{}]| (?=#)/g;

/** A scalar without quotes. `indent` is the column that its further lines must reach; `flow` is inside `[…]` or `{…}`. */
export function scanPlain(
  cursor: Cursor,
  { indent, flow }: { readonly indent: number; readonly flow: boolean },
): { readonly text: string; readonly multiline: boolean } {
  const start = cursor.offset;
  const endOfWords = flow ? END_OF_FLOW_WORDS : END_OF_WORDS;
  let text = takeWords(cursor, endOfWords);
  let gap = new Gap();
  while (isAtGap(cursor)) {
    skipGap(cursor, gap, indent, start);
    if (!flow && cursor.column < indent) break;
    if (cursor.atDocumentMark() || cursor.code() === CODE.hash) break;
    const words = takeWords(cursor, endOfWords);
    if (words === '') break;
    text += gap.folded() + words;
    gap = new Gap();
  }
  return { text, multiline: gap.broken };
}

/** The words up to the end of the line or of the scalar; the cursor stops behind the last of them. */
function takeWords(cursor: Cursor, endOfWords: RegExp): string {
  const { text, offset } = cursor;
  endOfWords.lastIndex = offset;
  // One character long, whatever it is.
  let end = endOfWords.test(text) ? endOfWords.lastIndex - 1 : text.length;
  while (end > offset && text.charCodeAt(end - 1) === CODE.space) end -= 1;
  cursor.offset = end;
  return text.slice(offset, end);
}

function isAtGap(cursor: Cursor): boolean {
  return !cursor.atEnd && (isBlank(cursor.code()) || isBreak(cursor.code()));
}

function skipGap(cursor: Cursor, gap: Gap, indent: number, start: number): void {
  while (isAtGap(cursor)) {
    if (gap.broken && cursor.code() === CODE.space) {
      cursor.skipSpaces();
      continue;
    }
    if (gap.broken && cursor.code() === CODE.tab && cursor.column < indent)
      cursor.fail('A tab cannot indent the continuation of a value.', start);
    gap.take(cursor);
  }
}

/** A scalar in single or double quotes; the cursor stands on the first of them. */
export function scanQuoted(cursor: Cursor): string {
  const start = cursor.offset;
  const quote = cursor.code();
  cursor.offset += 1;
  const simple = simpleQuoted(cursor, quote);
  if (simple !== undefined) return simple;
  let text = '';
  for (;;) {
    if (cursor.atDocumentMark()) cursor.fail('A document marker stands inside a quoted text.', start);
    if (cursor.atEnd) cursor.fail('The quote that begins here never ends.', start);
    const gap = new Gap();
    text += quote === CODE.singleQuote ? singleWord(cursor) : doubleWord(cursor, gap, start);
    if (cursor.code() === quote) break;
    while (!cursor.atEnd && (isBlank(cursor.code()) || isBreak(cursor.code()))) gap.take(cursor);
    text += gap.folded();
  }
  cursor.offset += 1;
  return text;
}

const END_OF_SINGLE = /['\n\r\x85\u2028\u2029]/g;
const END_OF_DOUBLE = /["\\\n\r\x85\u2028\u2029]/g;

/** A quoted text of one line without escapes, taken as it stands; undefined for any other, which is taken word by word. */
function simpleQuoted(cursor: Cursor, quote: number): string | undefined {
  const { text, offset } = cursor;
  const ending = quote === CODE.singleQuote ? END_OF_SINGLE : END_OF_DOUBLE;
  ending.lastIndex = offset;
  if (!ending.test(text)) return undefined;
  const end = ending.lastIndex - 1;
  if (text.charCodeAt(end) !== quote) return undefined;
  if (quote === CODE.singleQuote && text.charCodeAt(end + 1) === CODE.singleQuote) return undefined;
  cursor.offset = end + 1;
  return text.slice(offset, end);
}

function singleWord(cursor: Cursor): string {
  let text = '';
  let from = cursor.offset;
  while (!isBlankOrEnd(cursor.code())) {
    if (cursor.code() === CODE.singleQuote) {
      if (cursor.code(1) !== CODE.singleQuote) break;
      text += cursor.text.slice(from, cursor.offset + 1);
      cursor.offset += 2;
      from = cursor.offset;
    } else {
      cursor.offset += 1;
    }
  }
  return text + cursor.text.slice(from, cursor.offset);
}

function doubleWord(cursor: Cursor, gap: Gap, start: number): string {
  let text = '';
  let from = cursor.offset;
  while (!isBlankOrEnd(cursor.code()) && cursor.code() !== CODE.doubleQuote) {
    if (cursor.code() !== CODE.backslash) {
      cursor.offset += 1;
      continue;
    }
    text += cursor.text.slice(from, cursor.offset);
    if (isBreak(cursor.code(1))) {
      cursor.offset += 1;
      cursor.takeBreak();
      gap.broken = true;
      return text;
    }
    text += escapeSequence(cursor, start);
    from = cursor.offset;
  }
  return text + cursor.text.slice(from, cursor.offset);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};
const HEX_LENGTH: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function escapeSequence(cursor: Cursor, start: number): string {
  const letter = cursor.text[cursor.offset + 1] ?? '';
  const simple = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
  if (simple !== undefined) {
    cursor.offset += 2;
    return simple;
  }
  const length = Object.hasOwn(HEX_LENGTH, letter) ? HEX_LENGTH[letter] : undefined;
  if (length === undefined)
    return cursor.fail(
      `There is no escape "\\${letter}" in double quotes; write "\\\\" for a backslash.`,
      start,
    );
  const digits = cursor.text.slice(cursor.offset + 2, cursor.offset + 2 + length);
  const value = new RegExp(`^[0-9a-fA-F]{${length}}$`).test(digits) ? Number.parseInt(digits, 16) : -1;
  if (value < 0 || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
    return cursor.fail(`"\\${letter}${digits}" is no character.`, start);
  cursor.offset += 2 + length;
  return String.fromCodePoint(value);
}

interface BlockHeader {
  readonly chomping: 'clip' | 'strip' | 'keep';
  /** 0: found out from the first line. */
  readonly increment: number;
}

/** A scalar behind `|` or `>`; the cursor stands on that. `parentIndent` is the column of the enclosing block, -1 for none. */
export function scanBlock(cursor: Cursor, parentIndent: number): string {
  const start = cursor.offset;
  const literal = cursor.code() === CODE.pipe;
  cursor.offset += 1;
  const { chomping, increment } = blockHeader(cursor, start);
  const known = increment === 0 ? 0 : Math.max(parentIndent, 0) + increment;
  const lead = blockBreaks(cursor, { indent: known, parentIndent, start });
  const { indent } = lead;
  let trailing = lead.breaks;
  let text = '';
  let lastBreak = '';
  let previousBlank = false;
  while (cursor.column === indent && !cursor.atEnd) {
    const blank = isBlank(cursor.code());
    const folds = !literal && !previousBlank && !blank && lastBreak === '\n';
    text += (folds ? (trailing === '' ? ' ' : '') : lastBreak) + trailing;
    previousBlank = blank;
    const from = cursor.offset;
    cursor.skipToBreak();
    text += cursor.text.slice(from, cursor.offset);
    lastBreak = cursor.atEnd ? '' : cursor.takeBreak();
    trailing = blockBreaks(cursor, { indent, parentIndent, start }).breaks;
  }
  if (chomping !== 'strip') text += lastBreak;
  return chomping === 'keep' ? text + trailing : text;
}

function blockHeader(cursor: Cursor, start: number): BlockHeader {
  const indicators = /\d[-+]|[-+]?\d|[-+]|/y;
  indicators.lastIndex = cursor.offset;
  const found = indicators.exec(cursor.text)?.[0] ?? '';
  cursor.offset += found.length;
  const increment = Number(/\d/.exec(found)?.[0] ?? 0);
  if (increment === 0 && found.includes('0'))
    cursor.fail('The indentation of a block of text cannot be 0.', start);
  cursor.skipBlanks();
  if (cursor.code() === CODE.hash) cursor.skipToBreak();
  if (!cursor.atEnd && !isBreak(cursor.code()))
    cursor.fail('Behind | or > the line must end; the text begins on the next one.', start);
  if (!cursor.atEnd) cursor.takeBreak();
  return { chomping: found.includes('+') ? 'keep' : found.includes('-') ? 'strip' : 'clip', increment };
}

/** Empty lines, and the indentation of the first one that is not; finds the indentation out when it is not known. */
function blockBreaks(
  cursor: Cursor,
  at: { readonly indent: number; readonly parentIndent: number; readonly start: number },
): { readonly breaks: string; readonly indent: number } {
  let breaks = '';
  let deepest = 0;
  for (;;) {
    while ((at.indent === 0 || cursor.column < at.indent) && cursor.code() === CODE.space) cursor.offset += 1;
    deepest = Math.max(deepest, cursor.column);
    if ((at.indent === 0 || cursor.column < at.indent) && cursor.code() === CODE.tab)
      cursor.fail('A tab cannot indent a block of text; use spaces.', cursor.offset);
    if (cursor.atEnd || !isBreak(cursor.code())) break;
    breaks += cursor.takeBreak();
  }
  const indent = at.indent === 0 ? Math.max(deepest, at.parentIndent + 1, 1) : at.indent;
  return { breaks, indent };
}
