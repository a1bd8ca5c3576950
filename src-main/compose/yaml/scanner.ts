import { CODE, Cursor, isBlank, isBlankOrEnd, isBreak } from './cursor.ts';
import { scanBlock, scanPlain, scanQuoted } from './scalarText.ts';
import { endOf, noKey, type SimpleKey, type Token, type TokenType } from './token.ts';

/** A key without `?` must end this close to its start (YAML 1.2, section 7.4). */
const SIMPLE_KEY_LIMIT = 1024;
/** Deeper nesting is refused: the parser recurses. */
const FLOW_DEPTH_LIMIT = 200;

/**
 * Cuts YAML into tokens, as docker compose's parser does: blocks get start and end tokens from their indentation, and a
 * key gets its token only when its colon is seen.
 */
export class Scanner {
  readonly #cursor: Cursor;
  readonly #tokens: Token[] = [];
  #head = 0;
  /** How many tokens were handed out. */
  #taken = 0;
  #indent = -1;
  readonly #indents: number[] = [];
  #simpleKeyAllowed = true;
  /** One per flow level. */
  readonly #simpleKeys: SimpleKey[] = [noKey()];
  #ended = false;

  constructor(text: string) {
    this.#cursor = new Cursor(text);
  }

  /** The next token, which stays. */
  peek(): Token {
    while (this.#needMore()) this.#fetch();
    return this.#tokens[this.#head] ?? endOf(this.#cursor.offset);
  }

  /** The next token, which goes. */
  next(): Token {
    const token = this.peek();
    this.#head += 1;
    this.#taken += 1;
    if (this.#head > 256) {
      this.#tokens.splice(0, this.#head);
      this.#head = 0;
    }
    return token;
  }

  get #flow(): boolean {
    return this.#simpleKeys.length > 1;
  }

  /** A token cannot be handed out while it may still turn out to be the start of a key. */
  #needMore(): boolean {
    if (this.#ended) return false;
    if (this.#head >= this.#tokens.length) return true;
    for (let level = 0; level < this.#simpleKeys.length; level += 1) {
      const key = this.#simpleKeys[level];
      if (key?.possible && key.token === this.#taken && this.#isValid(key)) return true;
    }
    return false;
  }

  #isValid(key: SimpleKey): boolean {
    if (!key.possible) return false;
    const { line, offset } = this.#cursor;
    if (key.line === line && offset - key.offset <= SIMPLE_KEY_LIMIT) return true;
    if (key.required) this.#cursor.fail('A colon is missing behind this key.', key.offset);
    key.possible = false;
    return false;
  }

  #push(type: TokenType, offset: number, text = '', plain = false): void {
    this.#tokens.push({ type, offset, text, plain });
  }

  #fetch(): void {
    const cursor = this.#cursor;
    this.#skipToToken();
    this.#unroll(cursor.column);
    const code = cursor.code();
    if (cursor.atEnd) this.#fetchEnd();
    else if (cursor.column === 0 && code === CODE.percent) this.#fetchDirective();
    else if (cursor.atDocumentMark())
      this.#fetchDocumentMark(code === CODE.dash ? 'documentStart' : 'documentEnd');
    else if (!this.#fetchIndicator(code) && !this.#fetchContent(code)) this.#refuse(code);
  }

  #skipToToken(): void {
    const cursor = this.#cursor;
    for (;;) {
      if (cursor.column === 0 && cursor.code() === 0xfeff) {
        cursor.offset += 1;
        cursor.lineStart = cursor.offset;
      }
      // A tab before what may be a key would make its column a matter of taste.
      if (this.#flow || !this.#simpleKeyAllowed) cursor.skipBlanks();
      else cursor.skipSpaces();
      if (cursor.code() === CODE.hash) cursor.skipToBreak();
      if (cursor.atEnd || !isBreak(cursor.code())) return;
      cursor.takeBreak();
      if (!this.#flow) this.#simpleKeyAllowed = true;
    }
  }

  /** Structure. false: it is content. */
  #fetchIndicator(code: number): boolean {
    switch (code) {
      case CODE.openBracket:
        return this.#fetchFlowStart('flowListStart');
      case CODE.openBrace:
        return this.#fetchFlowStart('flowMapStart');
      case CODE.closeBracket:
        return this.#fetchFlowEnd('flowListEnd');
      case CODE.closeBrace:
        return this.#fetchFlowEnd('flowMapEnd');
      case CODE.comma:
        return this.#fetchFlowEntry();
      case CODE.dash:
        return isBlankOrEnd(this.#cursor.code(1)) && this.#fetchBlockEntry();
      case CODE.question:
        return (this.#flow || isBlankOrEnd(this.#cursor.code(1))) && this.#fetchKey();
      case CODE.colon:
        return (this.#flow || isBlankOrEnd(this.#cursor.code(1))) && this.#fetchValue();
      default:
        return false;
    }
  }

  /** Names, tags and values. false: nothing starts like this. */
  #fetchContent(code: number): boolean {
    switch (code) {
      case CODE.star:
        return this.#fetchName('alias');
      case CODE.ampersand:
        return this.#fetchName('anchor');
      case CODE.bang:
        return this.#fetchTag();
      case CODE.singleQuote:
      case CODE.doubleQuote:
        return this.#fetchQuoted();
      case CODE.pipe:
      case CODE.greater:
        return !this.#flow && this.#fetchBlock();
      default:
        return this.#startsPlain(code) && this.#fetchPlain();
    }
  }

  #refuse(code: number): never {
    if (code === CODE.tab) this.#cursor.fail('A tab cannot indent YAML; use spaces.');
    return this.#cursor.fail(
      `A value cannot start with ${JSON.stringify(String.fromCharCode(code))}; put it in quotes.`,
    );
  }

  #startsPlain(code: number): boolean {
    const next = this.#cursor.code(1);
    if (code === CODE.dash) return !isBlank(next);
    if (code === CODE.question || code === CODE.colon) return !this.#flow && !isBlankOrEnd(next);
    if (isBlank(code) || code === CODE.hash || code === CODE.percent) return false;
    return code !== CODE.at && code !== CODE.backtick;
  }

  #fetchEnd(): void {
    // No colon can come any more.
    this.#cursor.line += 1;
    for (const key of this.#simpleKeys) this.#isValid(key);
    this.#unroll(-1);
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = false;
    this.#ended = true;
    this.#push('streamEnd', this.#cursor.offset);
  }

  #fetchDirective(): void {
    const { offset } = this.#cursor;
    this.#unroll(-1);
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = false;
    this.#cursor.skipToBreak();
    this.#push('directive', offset, this.#cursor.text.slice(offset, this.#cursor.offset));
  }

  #fetchDocumentMark(type: 'documentStart' | 'documentEnd'): void {
    this.#unroll(-1);
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = false;
    this.#push(type, this.#cursor.offset);
    this.#cursor.offset += 3;
  }

  #fetchFlowStart(type: 'flowListStart' | 'flowMapStart'): true {
    this.#saveSimpleKey();
    if (this.#simpleKeys.length > FLOW_DEPTH_LIMIT)
      this.#cursor.fail(`This is nested deeper than ${FLOW_DEPTH_LIMIT} levels.`);
    this.#simpleKeys.push(noKey());
    this.#simpleKeyAllowed = true;
    return this.#pushIndicator(type);
  }

  #fetchFlowEnd(type: 'flowListEnd' | 'flowMapEnd'): true {
    this.#removeSimpleKey();
    if (this.#flow) this.#simpleKeys.pop();
    this.#simpleKeyAllowed = false;
    return this.#pushIndicator(type);
  }

  #fetchFlowEntry(): true {
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = true;
    return this.#pushIndicator('flowEntry');
  }

  #pushIndicator(type: TokenType): true {
    this.#push(type, this.#cursor.offset);
    this.#cursor.offset += 1;
    return true;
  }

  #fetchBlockEntry(): true {
    if (!this.#flow) {
      if (!this.#simpleKeyAllowed) this.#cursor.fail('A list cannot begin in the middle of a line.');
      this.#roll(this.#cursor.column, 'blockListStart');
    }
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = true;
    return this.#pushIndicator('blockEntry');
  }

  #fetchKey(): true {
    if (!this.#flow) {
      if (!this.#simpleKeyAllowed) this.#cursor.fail('A key cannot begin here.');
      this.#roll(this.#cursor.column, 'blockMapStart');
    }
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = !this.#flow;
    return this.#pushIndicator('key');
  }

  #fetchValue(): true {
    const key = this.#simpleKeys[this.#simpleKeys.length - 1] ?? noKey();
    if (this.#isValid(key)) {
      const at = this.#head + (key.token - this.#taken);
      this.#tokens.splice(at, 0, { type: 'key', offset: key.offset, text: '', plain: false });
      this.#roll(key.column, 'blockMapStart', { at, offset: key.offset });
      key.possible = false;
      this.#simpleKeyAllowed = false;
    } else {
      if (!this.#flow) {
        if (!this.#simpleKeyAllowed)
          this.#cursor.fail(
            'A "key: value" cannot stand here: is the indentation right, or are quotes missing?',
          );
        this.#roll(this.#cursor.column, 'blockMapStart');
      }
      this.#simpleKeyAllowed = !this.#flow;
    }
    return this.#pushIndicator('value');
  }

  #fetchName(type: 'alias' | 'anchor'): true {
    this.#saveSimpleKey();
    this.#simpleKeyAllowed = false;
    const cursor = this.#cursor;
    const start = cursor.offset;
    const name = /[0-9A-Za-z_-]*/y;
    name.lastIndex = start + 1;
    const text = name.exec(cursor.text)?.[0] ?? '';
    cursor.offset = start + 1 + text.length;
    const ends = isBlankOrEnd(cursor.code()) || '?:,]}%@`'.includes(cursor.text[cursor.offset] ?? ' ');
    if (text === '' || !ends)
      cursor.fail(
        `Behind ${type === 'alias' ? '*' : '&'} a name of letters and digits is needed; or put it in quotes.`,
        start,
      );
    this.#push(type, start, text);
    return true;
  }

  #fetchTag(): true {
    this.#saveSimpleKey();
    this.#simpleKeyAllowed = false;
    const cursor = this.#cursor;
    const start = cursor.offset;
    const tag = /!(?:<[-\w;/?:@&=+$,.!~*'()[\]%]+>|[-\w;/?:@&=+$,.!~*'()[\]%]*)/y;
    tag.lastIndex = start;
    const text = tag.exec(cursor.text)?.[0] ?? '!';
    cursor.offset = start + text.length;
    if (!isBlankOrEnd(cursor.code())) cursor.fail('Behind a tag a space is needed.', start);
    if (/^![-\w]+!/.test(text)) cursor.fail(`The tag shorthand of ${text} is not defined.`, start);
    const verbatim = text.startsWith('!<');
    this.#push('tag', start, verbatim ? text.slice(2, -1) : text);
    return true;
  }

  #fetchQuoted(): true {
    this.#saveSimpleKey();
    this.#simpleKeyAllowed = false;
    const { offset } = this.#cursor;
    this.#push('scalar', offset, scanQuoted(this.#cursor));
    return true;
  }

  #fetchBlock(): true {
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = true;
    const { offset } = this.#cursor;
    this.#push('scalar', offset, scanBlock(this.#cursor, this.#indent));
    return true;
  }

  #fetchPlain(): true {
    const cursor = this.#cursor;
    if (this.#simpleKeyAllowed) {
      const { offset, column } = cursor;
      const key = plainKey(cursor);
      if (key !== undefined) return this.#pushKey(key, offset, column);
    }
    this.#saveSimpleKey();
    const { offset } = cursor;
    const { text, multiline } = scanPlain(this.#cursor, { indent: this.#indent + 1, flow: this.#flow });
    this.#simpleKeyAllowed = multiline;
    this.#push('scalar', offset, text, true);
    return true;
  }

  /** A key whose colon is in sight needs no place kept for it. */
  #pushKey(text: string, offset: number, column: number): true {
    this.#removeSimpleKey();
    this.#roll(column, 'blockMapStart', { at: this.#tokens.length, offset });
    this.#push('key', offset);
    this.#push('scalar', offset, text, true);
    this.#simpleKeyAllowed = false;
    return this.#pushIndicator('value');
  }

  #saveSimpleKey(): void {
    if (!this.#simpleKeyAllowed) return;
    const { offset, line, column } = this.#cursor;
    this.#removeSimpleKey();
    this.#simpleKeys[this.#simpleKeys.length - 1] = {
      possible: true,
      required: !this.#flow && this.#indent === column,
      token: this.#taken + (this.#tokens.length - this.#head),
      offset,
      line,
      column,
    };
  }

  #removeSimpleKey(): void {
    const key = this.#simpleKeys[this.#simpleKeys.length - 1];
    if (key === undefined) return;
    if (key.possible && key.required) this.#cursor.fail('A colon is missing behind this key.', key.offset);
    key.possible = false;
  }

  /** A column further in begins a block. `before`: where its start token belongs, when that is not the end. */
  #roll(
    column: number,
    type: 'blockListStart' | 'blockMapStart',
    before?: { readonly at: number; readonly offset: number },
  ): void {
    if (this.#flow || this.#indent >= column) return;
    this.#indents.push(this.#indent);
    this.#indent = column;
    if (before === undefined) this.#push(type, this.#cursor.offset);
    else this.#tokens.splice(before.at, 0, { type, offset: before.offset, text: '', plain: false });
  }

  /** A column further out ends blocks. */
  #unroll(column: number): void {
    if (this.#flow) return;
    while (this.#indent > column) {
      this.#push('blockEnd', this.#cursor.offset);
      this.#indent = this.#indents.pop() ?? -1;
    }
  }
}

/** A word with a colon and a space or the line's end behind it: what nearly every key is. */
const PLAIN_KEY = /[\w./-]{1,128}(?=:[ \n])/y;

/** Steps over a plain key up to its colon; undefined, and no step, where it takes a closer look. */
function plainKey(cursor: Cursor): string | undefined {
  const start = cursor.offset;
  PLAIN_KEY.lastIndex = start;
  if (!PLAIN_KEY.test(cursor.text)) return undefined;
  cursor.offset = PLAIN_KEY.lastIndex;
  return cursor.text.slice(start, cursor.offset);
}
