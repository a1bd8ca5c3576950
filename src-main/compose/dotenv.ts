import { InvalidTemplate, type Lookup, substitute } from './interpolate/template.ts';

/** A line of an environment file that has no meaning. */
export class DotenvError extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/** Called for a variable that a value uses and nobody set. */
export type OnUnset = (name: string) => void;

const SPACE_IN_LINE = /[\t\v\f\r \u0085\u00a0]/;
const NAME_CHARACTER = /[\p{L}\p{N}_.\-[\]]/u;
const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '"': '"',
  '\\': '\\',
};

/**
 * Reads an environment file into `variables`. The grammar is docker compose's: `NAME=value`, `export NAME=value`, `NAME: value`;
 * single quotes are literal, double quotes know escapes and variables, both may span lines; ` #` starts a comment; a bare
 * `NAME` takes its value from the surroundings.
 */
export function parseDotenv(
  text: string,
  variables: Map<string, string>,
  lookup: Lookup,
  onUnset: OnUnset = () => {},
): void {
  new DotenvParser(text, variables, lookup, onUnset).parse();
}

/** `format: raw`: `NAME=value` lines taken literally, comments and empty lines left out. */
export function parseRawEnv(text: string, variables: Map<string, string>, lookup: Lookup): void {
  stripMark(text)
    .split('\n')
    .forEach((line, index) => {
      const trimmed = line.replace(/\r$/, '').trimStart();
      if (trimmed === '' || trimmed.startsWith('#')) return;
      const at = trimmed.indexOf('=');
      const name = at < 0 ? trimmed : trimmed.slice(0, at);
      if (name === '') throw new DotenvError('no variable name before "="', index + 1);
      if (/\s/.test(name)) throw new DotenvError(`the variable name "${name}" contains a space`, index + 1);
      const value = at < 0 ? lookup(name) : trimmed.slice(at + 1);
      if (value !== undefined) variables.set(name, value);
    });
}

function stripMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

class DotenvParser {
  readonly #text: string;
  readonly #variables: Map<string, string>;
  readonly #lookup: Lookup;
  readonly #onUnset: OnUnset;
  #at = 0;

  constructor(text: string, variables: Map<string, string>, lookup: Lookup, onUnset: OnUnset) {
    this.#text = stripMark(text);
    this.#variables = variables;
    this.#lookup = lookup;
    this.#onUnset = onUnset;
  }

  parse(): void {
    while (this.#skipToStatement()) {
      const { name, inherited } = this.#name();
      if (name.includes(' ')) this.#fail(`the key "${name}" contains a space`);
      if (inherited) {
        const value = this.#lookup(name);
        if (value !== undefined) this.#variables.set(name, value);
      } else {
        this.#variables.set(name, this.#value());
      }
    }
  }

  #skipToStatement(): boolean {
    while (this.#at < this.#text.length) {
      if (/\s|\u0085/.test(this.#text[this.#at] ?? '')) this.#at += 1;
      else if (this.#text[this.#at] === '#') this.#at = this.#lineEnd();
      else return true;
    }
    return false;
  }

  #name(): { name: string; inherited: boolean } {
    const exported = /export[\t\v\f\r\n ]+/y;
    exported.lastIndex = this.#at;
    if (exported.test(this.#text)) {
      this.#at += 'export'.length;
      this.#skipSpaces();
    }
    const start = this.#at;
    for (const character of this.#text.slice(start, this.#nameLimit())) {
      if (character === '=' || character === ':' || character === '\n') {
        const name = this.#text.slice(start, this.#at).trimEnd();
        this.#at += 1;
        this.#skipSpaces();
        return { name, inherited: character === '\n' };
      }
      if (!SPACE_IN_LINE.test(character) && !NAME_CHARACTER.test(character))
        this.#fail(`unexpected character "${character}" in a variable name`);
      this.#at += character.length;
    }
    // The file ends in the middle of a name, which is then one without a value. (docker compose makes it the value of
    // a variable without a name here, which no engine accepts.)
    return { name: this.#text.slice(start).trimEnd(), inherited: true };
  }

  /** A name never goes beyond its line. */
  #nameLimit(): number {
    return Math.min(this.#lineEnd() + 1, this.#text.length);
  }

  #value(): string {
    const quote = this.#text[this.#at];
    if (quote === '"' || quote === "'") return this.#quoted(quote);
    const end = this.#lineEnd();
    const line = this.#text.slice(this.#at, end);
    const comment = line.indexOf(' #');
    const value = (comment < 0 ? line : line.slice(0, comment)).trimEnd();
    const expanded = this.#expand(value);
    this.#at = Math.min(end + 1, this.#text.length);
    return expanded;
  }

  #quoted(quote: string): string {
    const start = this.#at;
    let value = '';
    for (let at = start + 1; at < this.#text.length; at += 1) {
      const character = this.#text[at] ?? '';
      if (character === quote) {
        this.#at = at + 1;
        return quote === '"' ? this.#expand(expandEscapes(value)) : value;
      }
      if (character === '\\' && at + 1 < this.#text.length) {
        at += 1;
        const next = this.#text[at] ?? '';
        value += next === quote ? next : `\\${next}`;
      } else {
        value += character;
      }
    }
    return this.#fail(`unterminated quoted value ${this.#text.slice(start, this.#lineEnd())}`);
  }

  #expand(value: string): string {
    if (!value.includes('$')) return value;
    try {
      return substitute(value, (name) => this.#lookup(name) ?? this.#variables.get(name), {
        unset: this.#onUnset,
        required: (name, reason) =>
          this.#fail(`the variable ${name} must be set${reason === '' ? '' : `: ${reason}`}`),
      });
    } catch (thrown) {
      if (thrown instanceof InvalidTemplate) return this.#fail(`"${value}" is no valid use of a variable`);
      throw thrown;
    }
  }

  #skipSpaces(): void {
    while (this.#at < this.#text.length && SPACE_IN_LINE.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #lineEnd(): number {
    const end = this.#text.indexOf('\n', this.#at);
    return end < 0 ? this.#text.length : end;
  }

  #fail(message: string): never {
    throw new DotenvError(message, this.#text.slice(0, this.#at).split('\n').length);
  }
}

/** `\n`, `\t` and the like; `\0` and up to three octal digits; `\$` becomes `$$`, which no variable starts with. */
function expandEscapes(text: string): string {
  return text.replace(/\\(?:([abcfnrtv$"\\])|0(\d{0,3}))/g, (match, letter?: string, octal?: string) => {
    if (letter === '$') return '$$';
    if (letter !== undefined) return ESCAPES[letter] ?? match;
    if (octal !== undefined && /^[0-7]{3}$/.test(octal) && Number.parseInt(octal, 8) <= 255)
      return String.fromCharCode(Number.parseInt(octal, 8));
    return octal === undefined ? match : `\\${octal}`;
  });
}
