/** Durations, byte sizes and command lines, in the grammars that docker compose reads. */

const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
  w: 604_800_000_000_000n,
};
const INT64_MAX = 2n ** 63n - 1n;
/** More digits than any 64-bit number has; converting millions of them would take for ever. */
const DIGITS_LIMIT = 30;

/** `1m30s`, `1.5h`, `2d` as nanoseconds; undefined when it is no duration. */
export function parseDuration(text: string): bigint | undefined {
  const [, sign = '', rest = ''] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  if (rest === '0') return 0n;
  if (rest === '') return undefined;
  const part = /(\d*)(?:\.(\d*))?([^\d.]+)/y;
  let total = 0n;
  while (part.lastIndex < rest.length) {
    const value = partOf(part.exec(rest));
    if (value === undefined || total + value > INT64_MAX) return undefined;
    total += value;
  }
  return sign === '-' ? -total : total;
}

/** One number and its unit. */
function partOf(match: RegExpExecArray | null): bigint | undefined {
  const [, whole = '', fraction = '', unitName = ''] = match ?? [];
  const unit = Object.hasOwn(NANOSECONDS, unitName) ? NANOSECONDS[unitName] : undefined;
  if (unit === undefined || whole + fraction === '' || whole.length > DIGITS_LIMIT) return undefined;
  return BigInt(whole === '' ? 0 : whole) * unit + fractionOf(fraction, unit);
}

function fractionOf(digits: string, unit: bigint): bigint {
  const kept = digits.slice(0, 18);
  return kept === '' ? 0n : (BigInt(kept) * unit) / 10n ** BigInt(kept.length);
}

/** Nanoseconds as Go prints them: `1m30s`, `1.5s`, `100ms`, `0s`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  if (nanoseconds < 0n) return `-${formatDuration(-nanoseconds)}`;
  if (nanoseconds < 1_000n) return `${nanoseconds}ns`;
  if (nanoseconds < 1_000_000n) return `${decimal(nanoseconds, 1_000n)}µs`;
  if (nanoseconds < 1_000_000_000n) return `${decimal(nanoseconds, 1_000_000n)}ms`;
  const minutes = nanoseconds / 60_000_000_000n;
  const seconds = `${decimal(nanoseconds % 60_000_000_000n, 1_000_000_000n)}s`;
  if (minutes === 0n) return seconds;
  const hours = minutes / 60n;
  return `${hours > 0n ? `${hours}h` : ''}${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, unit: bigint): string {
  const rest = value % unit;
  if (rest === 0n) return String(value / unit);
  const digits = String(rest)
    .padStart(String(unit).length - 1, '0')
    .replace(/0+$/, '');
  return `${value / unit}.${digits}`;
}

/** The duration in milliseconds; undefined when it is none. */
export function durationMs(text: string): number | undefined {
  const nanoseconds = parseDuration(text);
  return nanoseconds === undefined ? undefined : Number(nanoseconds) / 1e6;
}

const SIZE = /^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?) ?(?:([kmgtp])(?:i?b)?|b)?$/i;
const POWERS = 'kmgtp';
/** What 64 bits with a sign can count. */
const BYTES_LIMIT = 2 ** 63;

/** `512m`, `1.5gb`, `64MiB` as bytes; undefined when it is no size. Units are powers of 1024. */
export function parseBytes(text: string): number | undefined {
  const match = SIZE.exec(text);
  if (!match || /^\s/.test(text)) return undefined;
  const value = Number(match[1]);
  if (value < 0) return undefined;
  const power = match[2] === undefined ? 0 : POWERS.indexOf(match[2].toLowerCase()) + 1;
  const bytes = Math.trunc(value * 1024 ** power);
  return bytes < BYTES_LIMIT ? bytes : undefined;
}

/**
 * A command line split into words as docker compose does it: quotes and backslashes as in a shell, no variables, and
 * everything from an unquoted `;`, `&`, `|`, `<` or `>` on is dropped. undefined when quotes do not match up.
 */
export function splitCommand(line: string): string[] | undefined {
  return new CommandSplitter().split(line);
}

/** What kind of word is being read: none yet, a bare one, or one that had quotes (and may be empty). */
type Word = 'none' | 'bare' | 'quoted';

class CommandSplitter {
  readonly #words: string[] = [];
  #buffer = '';
  #word: Word = 'none';
  #escaped = false;
  /** The quote that is open: a quote character, a backtick, or `$(`. */
  #open: '' | '"' | "'" | '`' | '(' = '';

  split(line: string): string[] | undefined {
    for (const character of line) {
      const outcome = this.#take(character);
      if (outcome === 'end') break;
      if (outcome === 'invalid') return undefined;
    }
    if (this.#word !== 'none') this.#words.push(this.#buffer);
    return this.#escaped || this.#open !== '' ? undefined : this.#words;
  }

  #take(character: string): 'next' | 'end' | 'invalid' {
    if (this.#escaped) {
      this.#escaped = false;
      return this.#append(character);
    }
    if (character === '\\') return this.#backslash();
    if (character === ' ' || character === '\t' || character === '\r' || character === '\n')
      return this.#space(character);
    if (character === '(' || character === ')') return this.#parenthesis(character);
    if (character === '"' || character === "'") return this.#quote(character);
    if (character === '`' && (this.#open === '' || this.#open === '`'))
      this.#open = this.#open === '' ? '`' : '';
    if (this.#open === '' && ';&|<>'.includes(character)) return this.#operator(character);
    return this.#append(character);
  }

  #append(character: string): 'next' {
    this.#buffer += character;
    this.#word = 'bare';
    return 'next';
  }

  #backslash(): 'next' {
    if (this.#open === "'") this.#buffer += '\\';
    else this.#escaped = true;
    return 'next';
  }

  #space(character: string): 'next' {
    if (this.#open !== '') {
      this.#buffer += character;
    } else if (this.#word !== 'none') {
      this.#words.push(this.#buffer);
      this.#buffer = '';
      this.#word = 'none';
    }
    return 'next';
  }

  #quote(character: '"' | "'"): 'next' {
    if (this.#open === '') {
      this.#open = character;
      return 'next';
    }
    if (this.#open !== character) return this.#append(character);
    this.#open = '';
    this.#word = 'quoted';
    return 'next';
  }

  /** `$(…)` is kept as text; any other parenthesis outside quotes is no command line. */
  #parenthesis(character: '(' | ')'): 'next' | 'invalid' {
    if (this.#open === '"' || this.#open === "'" || this.#open === '`') return this.#append(character);
    if (character === ')') {
      this.#open = this.#open === '(' ? '' : '(';
      return this.#append(character);
    }
    if (this.#open === '(' || !this.#buffer.endsWith('$')) return 'invalid';
    this.#open = '(';
    this.#buffer += '(';
    return 'next';
  }

  /** `2>` drops the file descriptor as well. */
  #operator(character: string): 'end' {
    if (character === '>' && /^\d/.test(this.#buffer)) this.#word = 'none';
    return 'end';
  }
}
