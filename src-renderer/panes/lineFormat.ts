import type { LogLevel, LogLine } from '#contract/logBatch.ts';
import { columnsText, type FieldColumn } from './fieldColumns.ts';
import { sanitiseLine } from './sanitiseLine.ts';
import { shownSource } from './sourceWidth.ts';

export type TimeShown = 'off' | 'absolute' | 'boot';

/** How the lines of one pane are drawn. */
export interface LineLook {
  readonly time: TimeShown;
  /** Milliseconds of the boot that `boot` counts from. */
  readonly bootAt: number | undefined;
  /** Letters of the widest source; 0 leaves the column out. */
  readonly sourceWidth: number;
  /** Services whose first replica is shown with its number. */
  readonly numbered: ReadonlySet<string>;
  /** The terminal colour of a source, as an SGR parameter. */
  readonly colourOf: (source: string) => number;
  /** How wide a marker's line is drawn. */
  readonly columns: number;
  /** Fields shown in columns of their own instead of the line. */
  readonly fields: readonly FieldColumn[];
}

const encoder = new TextEncoder();
const RESET = '\x1b[0m';
const FAINT = '\x1b[90m';
const NEWLINE = encoder.encode(`${RESET}\r\n`);
const CUT = encoder.encode(`${FAINT} … cut here; Enter shows all of it`);
/** A longer line is drawn folded, its head only: a screen full of one line says nothing. */
const LONG_BYTES = 16 * 1024;
const CUT_BYTES = 1200;
const MARKER_COLUMNS = 72;
const LEAD = 14;
/** A level's word is looked for in this many bytes of a line. */
const LEVEL_BYTES = 120;

/** Letters in front of a line's text: what a copy without prefixes leaves out. */
export function prefixWidth(look: Pick<LineLook, 'time' | 'sourceWidth'>): number {
  const time = look.time === 'off' ? 0 : TIME_WIDTH + 2;
  return time + (look.sourceWidth === 0 ? 0 : look.sourceWidth + 1);
}

/** `14:02:11.482` and `+01:12.482` padded alike. */
const TIME_WIDTH = 12;

/** The bytes to write for these lines. */
export function formatLines(lines: readonly LogLine[], look: LineLook): Uint8Array {
  const parts = lines.flatMap((line) => formatLine(line, look));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function formatLine(line: LogLine, look: LineLook): readonly Uint8Array[] {
  const columns = columnsText(line, look.fields);
  const text = columns === undefined ? sanitiseLine(line.text) : encoder.encode(columns);
  if (line.kind === 'marker')
    return [formatMarker(text, shownSource(line.source, look.numbered), look), NEWLINE];
  const prefix = encoder.encode(timePrefix(line.time, look) + sourcePrefix(line.source, look));
  const isCut = line.kind === 'folded' || text.length > LONG_BYTES;
  const body = withLevel(isCut ? text.subarray(0, CUT_BYTES) : text, line.level);
  return isCut ? [prefix, ...body, CUT, NEWLINE] : [prefix, ...body, NEWLINE];
}

function formatMarker(text: Uint8Array, source: string, look: LineLook): Uint8Array {
  const words = `${source} ${new TextDecoder().decode(text)}`.trimStart();
  const width = Math.min(look.columns, MARKER_COLUMNS);
  const rest = Math.max(4, width - LEAD - words.length - 4);
  return encoder.encode(`${FAINT}${'─'.repeat(LEAD)}  ${words}  ${'─'.repeat(rest)}`);
}

function timePrefix(time: number, look: LineLook): string {
  if (look.time === 'off') return '';
  const words = look.time === 'absolute' ? clockTime(time) : sinceBoot(time - (look.bootAt ?? time));
  return `${FAINT}${words.padStart(TIME_WIDTH)}${RESET}  `;
}

/** Local time of day with milliseconds. */
function clockTime(time: number): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  const ms = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}

/** `+4.182`, `+1:04.182`, `-0.300`. */
function sinceBoot(span: number): string {
  const sign = span < 0 ? '-' : '+';
  const total = Math.abs(span) / 1000;
  const minutes = Math.floor(total / 60);
  const seconds = (total % 60).toFixed(3);
  return minutes === 0 ? `${sign}${seconds}` : `${sign}${minutes}:${seconds.padStart(6, '0')}`;
}

function sourcePrefix(source: string, look: LineLook): string {
  if (look.sourceWidth === 0) return '';
  const whole = shownSource(source, look.numbered);
  const name = whole.length > look.sourceWidth ? `${whole.slice(0, look.sourceWidth - 1)}…` : whole;
  return `\x1b[${look.colourOf(source)}m${name.padEnd(look.sourceWidth)}${RESET} `;
}

const WORDS: Readonly<Partial<Record<LogLevel, RegExp>>> = {
  warn: /\b(warning|warn|wrn|w)\b/i,
  error: /\b(error|err|exception|severe|critical|e)\b/i,
  fatal: /\b(fatal|panic|critical|emerg|alert|error)\b/i,
};
const COLOURS: Readonly<Partial<Record<LogLevel, number>>> = { warn: 33, error: 31, fatal: 31 };
const DIM_LEVELS: ReadonlySet<LogLevel> = new Set(['trace', 'debug']);

/** Colours the word that says the level, or the whole line where no word does. Own colours are left alone. */
function withLevel(text: Uint8Array, level: LogLevel): readonly Uint8Array[] {
  if (text.includes(0x1b)) return [text];
  if (DIM_LEVELS.has(level)) return [encoder.encode('\x1b[38;5;245m'), text];
  const colour = COLOURS[level];
  if (colour === undefined) return [text];
  const start = encoder.encode(`\x1b[${colour}m`);
  const found = WORDS[level]?.exec(String.fromCharCode(...text.subarray(0, LEVEL_BYTES)));
  if (!found) return [start, text];
  const end = found.index + found[0].length;
  return [
    text.subarray(0, found.index),
    start,
    text.subarray(found.index, end),
    RESET_BYTES,
    text.subarray(end),
  ];
}

const RESET_BYTES = encoder.encode(RESET);
