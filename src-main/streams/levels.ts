import {
  afterLetters,
  ascii,
  endsWith,
  isDigit,
  isIndented,
  isJoin,
  isLetter,
  isNameByte,
  isUpper,
  LETTERS,
  packText,
  packWord,
  startsWith,
} from './levelBytes.ts';

/**
 * What a line says about its own weight, read from its bytes. The numbers are places in LOG_LEVELS of the contract.
 * Known: JSON (`level`, `severity`, pino's and bunyan's numbers, MongoDB's letters), logfmt, Postgres, Redis, nginx, MariaDB, RabbitMQ, NATS,
 * Python, Node, Java, Go, .NET, klog. A level is taken from where a logger puts one: in capitals as a word, or in small
 * letters where brackets, tabs, a colon or a key set it apart; prose that mentions an error is not an error.
 */
export const LEVEL = { none: 0, trace: 1, debug: 2, info: 3, warn: 4, error: 5, fatal: 6 } as const;

/** Not a level: the line belongs to the one before it. */
export const CONTINUES = 8;

/** Loggers put the level near the beginning; what stands further in is message. */
const SCANNED_BYTES = 128;
/** JSON objects may begin with a long message. */
const SCANNED_JSON_BYTES = 1024;

/** By the first two letters of a word: can it be one of those below? */
const BEGINNING_LETTERS = new Uint8Array(1024);
const WORDS = new Map<number, number>();
for (const [level, words] of [
  [LEVEL.trace, 'trace trc verbose vrb finest finer'],
  [LEVEL.debug, 'debug dbg dbug fine'],
  [LEVEL.info, 'info inf information informational notice note log hint config'],
  [LEVEL.warn, 'warn warning wrn'],
  [LEVEL.error, 'error err eror severe fail'],
  [LEVEL.fatal, 'fatal ftl critical crit panic emerg emergency alert dpanic'],
] as const) {
  for (const word of words.split(' ')) {
    WORDS.set(packText(word), level);
    noteBeginning(word);
  }
}
/** Too common in prose to count as a bare word, even in capitals: only with a colon behind or brackets around. */
const WEAK = new Set(['log', 'note', 'hint', 'fine', 'config', 'fail', 'alert', 'verbose'].map(packText));
const DETAILS = new Set(
  ['detail', 'hint', 'statement', 'context', 'query', 'location'].map((word) => {
    noteBeginning(word);
    return packText(word);
  }),
);

function noteBeginning(word: string): void {
  BEGINNING_LETTERS[((word.charCodeAt(0) & 31) << 5) | (word.charCodeAt(1) & 31)] = 1;
}

/** Level of a line (0 to 6), or CONTINUES. */
export function levelOfLine(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end) return LEVEL.none;
  const first = bytes[start] ?? 0;
  if (first === 0x7b) return levelOfJson(bytes, start, end); // {
  const special = levelByShape(bytes, start, end, first);
  if (special !== undefined) return special;
  const level = levelByWord(bytes, start, Math.min(end, start + SCANNED_BYTES));
  if (level !== LEVEL.none) return level;
  return isIndented(first) ? CONTINUES : LEVEL.none;
}

/** Follows one stream of one container: gives each line its level, and tells which lines belong to the one before. */
export class LevelTracker {
  #level: number = LEVEL.none;
  #inTrace: 'no' | 'python' | 'go' = 'no';
  #begun = false;
  /** The last line given belongs to the one before it. */
  continued = false;

  /** Level (0 to 6) of the next line; that of its head for a line that continues one. */
  next(bytes: Uint8Array, start: number, end: number): number {
    const found = levelOfLine(bytes, start, end);
    this.continued = this.#begun && (found === CONTINUES || this.#continuesTrace(bytes, start, end));
    this.#begun = true;
    if (this.continued) return this.#level;
    this.#level = found === CONTINUES ? LEVEL.none : found;
    this.#inTrace = startsWith(bytes, start, end, TRACEBACK)
      ? 'python'
      : startsWith(bytes, start, end, PANIC) || startsWith(bytes, start, end, GO_FATAL)
        ? 'go'
        : 'no';
    return this.#level;
  }

  #continuesTrace(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#inTrace === 'no') return false;
    if (this.#inTrace === 'python') {
      this.#inTrace = 'no'; // the line that names the exception ends the trace
      return true;
    }
    return start === end || startsWith(bytes, start, end, GOROUTINE) || isGoFrame(bytes, start, end);
  }
}

const TRACEBACK = ascii('Traceback (most recent call last)');
const PANIC = ascii('panic: ');
const GO_FATAL = ascii('fatal error: ');
const GOROUTINE = ascii('goroutine ');
const CAUSED_BY = ascii('Caused by: ');
const IN_THREAD = ascii('Exception in thread ');
const DURING = ascii('During handling of the above exception');
const DIRECT_CAUSE = ascii('The above exception was the direct cause');

/** Beginnings that decide alone, by their first byte. */
const BEGINNINGS = byFirstByte([
  [CAUSED_BY, CONTINUES],
  [DURING, CONTINUES],
  [DIRECT_CAUSE, CONTINUES],
  [TRACEBACK, LEVEL.error],
  [IN_THREAD, LEVEL.error],
  [PANIC, LEVEL.fatal],
  [GO_FATAL, LEVEL.fatal],
]);

function byFirstByte(list: readonly (readonly [Uint8Array, number])[]): Map<number, [Uint8Array, number][]> {
  const map = new Map<number, [Uint8Array, number][]>();
  for (const [prefix, level] of list) {
    const first = prefix[0] ?? 0;
    map.set(first, [...(map.get(first) ?? []), [prefix, level]]);
  }
  return map;
}

function levelByShape(bytes: Uint8Array, start: number, end: number, first: number): number | undefined {
  if (isDigit(first)) return redisLevel(bytes, start, end);
  if (first === 0x7d || first === 0x5d) return end - start <= 3 ? CONTINUES : undefined; // } ]
  if (!isLetter(first)) return undefined;
  for (const [prefix, level] of BEGINNINGS.get(first) ?? []) {
    if (startsWith(bytes, start, end, prefix)) return level;
  }
  const klog = KLOG[first];
  if (klog !== undefined && isKlog(bytes, start, end)) return klog;
  return exceptionLevel(bytes, start, end);
}

const KLOG: Record<number, number> = {
  73: LEVEL.info,
  87: LEVEL.warn,
  69: LEVEL.error,
  70: LEVEL.fatal,
};

/** `E1120 10:11:12.123456`. Source: klog, "Log line format". */
function isKlog(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 12 || bytes[start + 5] !== 0x20 || bytes[start + 8] !== 0x3a) return false;
  for (let at = start + 1; at < start + 5; at++) if (!isDigit(bytes[at] ?? 0)) return false;
  return true;
}

/** `TypeError: x`, `java.lang.IllegalStateException: x`: an exception printed as it is. */
function exceptionLevel(bytes: Uint8Array, start: number, end: number): number | undefined {
  const limit = Math.min(end, start + 100);
  let at = start;
  while (at < limit && isNameByte(bytes[at] ?? 0)) at++;
  if (at - start < 5 || (at < end && bytes[at] !== 0x3a)) return undefined; // :
  return endsWith(bytes, start, at, ERROR_TAIL) || endsWith(bytes, start, at, EXCEPTION_TAIL)
    ? LEVEL.error
    : undefined;
}

const ERROR_TAIL = ascii('Error');
const EXCEPTION_TAIL = ascii('Exception');

/** `1:M 20 Nov 2026 10:11:12.123 # text`: `.` debug, `-` verbose, `*` notice, `#` warning. Source: redis.conf, loglevel. */
function redisLevel(bytes: Uint8Array, start: number, end: number): number | undefined {
  let at = start;
  while (at < end && at < start + 10 && isDigit(bytes[at] ?? 0)) at++;
  if (bytes[at] !== 0x3a || bytes[at + 2] !== 0x20 || !isUpper(bytes[at + 1] ?? 0)) return undefined;
  const mark = behindBlanks(bytes, at + 2, Math.min(end, start + 60), REDIS_BLANKS);
  return bytes[mark + 1] === 0x20 ? REDIS[bytes[mark] ?? 0] : undefined;
}

/** Role, day, month, year, time: so many blanks before the mark. */
const REDIS_BLANKS = 5;

function behindBlanks(bytes: Uint8Array, start: number, end: number, count: number): number {
  let seen = 0;
  for (let at = start; at < end; at++) {
    if (bytes[at] === 0x20 && ++seen === count) return at + 1;
  }
  return end;
}

const REDIS: Record<number, number> = { 46: LEVEL.debug, 45: LEVEL.debug, 42: LEVEL.info, 35: LEVEL.warn };

function levelByWord(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; ) {
    if (LETTERS[bytes[at] ?? 0] === 0) {
      at = bytes[at] === 0x1b ? afterEscape(bytes, at, end) : at + 1;
      continue;
    }
    const tail = afterLetters(bytes, at + 1, end);
    const level = isCandidate(bytes, at, tail - at) ? judgeWord(bytes, { at, tail, start }) : LEVEL.none;
    if (level !== LEVEL.none) return level;
    at = tail;
  }
  return LEVEL.none;
}

/** Nine words of ten are ruled out by their first two letters. */
function isCandidate(bytes: Uint8Array, at: number, length: number): boolean {
  if (length < SHORTEST_WORD || length > LONGEST_WORD) return false;
  return BEGINNING_LETTERS[(((bytes[at] ?? 0) & 31) << 5) | ((bytes[at + 1] ?? 0) & 31)] === 1;
}

const SHORTEST_WORD = 3; // err
const LONGEST_WORD = 13; // informational

/** A word in a line that begins at `start`. */
interface Word {
  readonly at: number;
  readonly tail: number;
  readonly start: number;
}

function judgeWord(bytes: Uint8Array, word: Word): number {
  const { at, tail, start } = word;
  const packed = packWord(bytes, at, tail);
  const isCapital = isUpper(bytes[at] ?? 0) && isUpper(bytes[at + 1] ?? 0);
  if (isCapital && bytes[tail] === 0x3a && at > start && DETAILS.has(packed)) return CONTINUES; // Postgres, below its ERROR
  const level = WORDS.get(packed);
  if (level === undefined) return LEVEL.none;
  return isLevelHere(bytes, word, { isCapital, isWeak: WEAK.has(packed) }) ? level : LEVEL.none;
}

/** Does the word stand where a logger puts a level? */
function isLevelHere(
  bytes: Uint8Array,
  { at, tail, start }: Word,
  { isCapital, isWeak }: { readonly isCapital: boolean; readonly isWeak: boolean },
): boolean {
  const before = at === start ? 0 : (bytes[at - 1] ?? 0);
  const behind = bytes[tail] ?? 0x20;
  if (isJoin(before)) return false;
  if (isSetApart(bytes, { at, start, before }, behind)) return true;
  if (!isCapital) return at === start && behind === 0x3a;
  return behind === 0x3a || (!isWeak && !isJoin(behind));
}

/** In brackets, between tabs or bars, or behind a key: there even small letters are a level. */
function isSetApart(
  bytes: Uint8Array,
  { at, start, before }: { readonly at: number; readonly start: number; readonly before: number },
  behind: number,
): boolean {
  switch (before) {
    case 0x5b: // [
      return behind === 0x5d;
    case 0x3c: // <
      return behind === 0x3e;
    case 0x28: // (
      return behind === 0x29;
    case 0x09:
      return behind === 0x09;
    case 0x7c: // |
      return true;
    case 0x3d: // =
      return isLevelKey(bytes, at - 1, start);
    case 0x22: // "
      return bytes[at - 2] === 0x3d && isLevelKey(bytes, at - 2, start);
    default:
      return behind === 0x7c;
  }
}

/** Does `level`, `lvl`, `severity` or `loglevel` end just before `at`, as a key? */
function isLevelKey(bytes: Uint8Array, at: number, start: number): boolean {
  let from = at;
  while (from > start && (isLetter(bytes[from - 1] ?? 0) || bytes[from - 1] === 0x2e)) from--;
  const packed = packWord(bytes, from, at);
  return LEVEL_KEYS.has(packed);
}

const LEVEL_KEYS = new Set(['level', 'lvl', 'severity', 'loglevel', 'levelname', 'log.level'].map(packText));

/** Looks for a key that names the level; strings inside are skipped as a whole, so that text is not taken for a key. */
function levelOfJson(bytes: Uint8Array, start: number, end: number): number {
  const limit = Math.min(end, start + SCANNED_JSON_BYTES);
  let at = start + 1;
  while (at < limit) {
    if (bytes[at] !== 0x22) {
      at++;
      continue;
    }
    const close = endOfString(bytes, at + 1, limit);
    const value = behindColon(bytes, close + 1, limit);
    if (value > close + 1) {
      const level = levelOfMember(bytes, at + 1, close, value);
      if (level !== LEVEL.none) return level;
    }
    at = value > close + 1 && bytes[value] === 0x22 ? endOfString(bytes, value + 1, limit) + 1 : value;
  }
  return LEVEL.none;
}

/** Where a member's value begins; `at` itself when no colon follows. */
function behindColon(bytes: Uint8Array, at: number, limit: number): number {
  let value = at;
  let colon = false;
  while (value < limit && (bytes[value] === 0x20 || bytes[value] === 0x3a)) {
    colon ||= bytes[value] === 0x3a;
    value++;
  }
  return colon ? value : at;
}

function levelOfMember(bytes: Uint8Array, keyAt: number, keyEnd: number, value: number): number {
  const isLetterKey = keyEnd - keyAt === 1 && bytes[keyAt] === 0x73; // MongoDB: "s":"I"
  if (!isLetterKey && (keyEnd - keyAt > 9 || !LEVEL_KEYS.has(packWord(bytes, keyAt, keyEnd))))
    return LEVEL.none;
  const quoted = bytes[value] === 0x22;
  const from = quoted ? value + 1 : value;
  if (isDigit(bytes[from] ?? 0)) return numberLevel(bytes, from);
  const tail = afterLetters(bytes, from, bytes.length);
  if (isLetterKey) return tail - from === 1 ? (MONGO[bytes[from] ?? 0] ?? LEVEL.none) : LEVEL.none;
  return WORDS.get(packWord(bytes, from, tail)) ?? LEVEL.none;
}

const MONGO: Record<number, number> = {
  70: LEVEL.fatal,
  69: LEVEL.error,
  87: LEVEL.warn,
  73: LEVEL.info,
  68: LEVEL.debug,
};

/** pino and bunyan: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal. */
function numberLevel(bytes: Uint8Array, at: number): number {
  const isTwoDigits = isDigit(bytes[at + 1] ?? 0) && !isDigit(bytes[at + 2] ?? 0);
  const tens = (bytes[at] ?? 0x30) - 0x30;
  return isTwoDigits && tens >= 1 && tens <= 6 ? tens : LEVEL.none;
}

function endOfString(bytes: Uint8Array, from: number, limit: number): number {
  let at = from;
  while (at < limit && bytes[at] !== 0x22) at += bytes[at] === 0x5c ? 2 : 1;
  return Math.min(at, limit);
}

/** Past a colour: ESC [ … letter. */
function afterEscape(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at + 1] !== 0x5b) return at + 1;
  let tail = at + 2;
  while (tail < end && ((bytes[tail] ?? 0) < 0x40 || (bytes[tail] ?? 0) > 0x7e)) tail++;
  return Math.min(tail + 1, end);
}

/** `main.main()`, `net/http.(*conn).serve(0xc000…)`, `created by …`. */
function isGoFrame(bytes: Uint8Array, start: number, end: number): boolean {
  const last = bytes[end - 1];
  return isLetter(bytes[start] ?? 0) && (last === 0x29 || startsWith(bytes, start, end, CREATED_BY));
}

const CREATED_BY = ascii('created by ');
