/** Character codes that mean something in YAML. */
export const CODE = {
  tab: 9,
  newline: 10,
  return: 13,
  space: 32,
  bang: 33,
  doubleQuote: 34,
  hash: 35,
  percent: 37,
  ampersand: 38,
  singleQuote: 39,
  star: 42,
  plus: 43,
  comma: 44,
  dash: 45,
  dot: 46,
  zero: 48,
  nine: 57,
  colon: 58,
  less: 60,
  greater: 62,
  question: 63,
  at: 64,
  openBracket: 91,
  backslash: 92,
  closeBracket: 93,
  backtick: 96,
  openBrace: 123,
  pipe: 124,
  closeBrace: 125,
} as const;

/** The text cannot be read as YAML. `offset` is where that shows. */
export class YamlSyntaxError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** The text may be YAML, but there is more of it than is read. */
export class YamlLimitError extends YamlSyntaxError {}

/** A line break: also the rare ones of YAML 1.1, which docker compose's parser knows. */
export function isBreak(code: number): boolean {
  return code === 10 || code === 13 || code === 0x85 || code === 0x2028 || code === 0x2029;
}

export function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** A space, a tab, a line break, or the end of the text (for which charCodeAt gives NaN). */
export function isBlankOrEnd(code: number): boolean {
  return code === 32 || code === 10 || Number.isNaN(code) || code === 9 || isBreak(code);
}

/** A position in a text that knows its line and column. */
export class Cursor {
  readonly text: string;
  offset = 0;
  line = 0;
  /** The offset of the current line's first character. */
  lineStart = 0;

  constructor(text: string) {
    this.text = text;
  }

  get column(): number {
    return this.offset - this.lineStart;
  }

  /** The code `ahead` characters on; NaN behind the end. */
  code(ahead = 0): number {
    return this.text.charCodeAt(this.offset + ahead);
  }

  get atEnd(): boolean {
    return this.offset >= this.text.length;
  }

  /** Steps over a line break and gives it as YAML counts it: every kind but two is a newline. */
  takeBreak(): string {
    const code = this.code();
    this.offset += code === CODE.return && this.code(1) === CODE.newline ? 2 : 1;
    this.line += 1;
    this.lineStart = this.offset;
    return code === 0x2028 || code === 0x2029 ? String.fromCharCode(code) : '\n';
  }

  skipSpaces(): void {
    while (this.code() === CODE.space) this.offset += 1;
  }

  skipBlanks(): void {
    while (isBlank(this.code())) this.offset += 1;
  }

  skipToBreak(): void {
    while (!this.atEnd && !isBreak(this.code())) this.offset += 1;
  }

  /** `---` or `...` at the start of a line, with nothing glued to it. */
  atDocumentMark(): boolean {
    if (this.offset !== this.lineStart) return false;
    const code = this.code();
    if (code !== CODE.dash && code !== CODE.dot) return false;
    return this.code(1) === code && this.code(2) === code && isBlankOrEnd(this.code(3));
  }

  fail(message: string, offset: number = this.offset): never {
    throw new YamlSyntaxError(message, offset);
  }
}
