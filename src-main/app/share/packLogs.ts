import { stripVTControlCharacters } from 'node:util';
import { tells } from '#images/pack/packDocument.ts';

/** What a line of a log is, wherever it comes from. */
export interface LogLineText {
  /** RFC 3339. */
  readonly time: string;
  readonly source: string;
  readonly text: string;
}

/** More than anybody reads of the minutes around a failure. */
const LIMIT_BYTES = 8 * 1024 * 1024;

/** Lines as one text, without colours, and without a value of a variable wherever one was printed. */
export async function packLogs(
  lines: AsyncIterable<LogLineText>,
  values: ReadonlyMap<string, string>,
): Promise<string> {
  const mask = logMask(values);
  const parts: string[] = [];
  let length = 0;
  for await (const { time, source, text } of lines) {
    const line = `${time} ${source} | ${mask(stripVTControlCharacters(text))}\n`;
    length += line.length;
    if (length > LIMIT_BYTES) {
      parts.push(`--- cut here: more than ${LIMIT_BYTES / 1024 / 1024} MB ---\n`);
      break;
    }
    parts.push(line);
  }
  return parts.join('');
}

/** The password inside an address is a value of its own. */
const URL_PASSWORD = /[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:([^\s@/]{4,})@/i;

/** `‹NAME›` in place of every value that tells something. */
export function logMask(values: ReadonlyMap<string, string>): (text: string) => string {
  const told = [...values].flatMap(([name, value]) => {
    const password = URL_PASSWORD.exec(value)?.[1];
    const whole = tells(name, value) ? [[value, name] as const] : [];
    return password === undefined ? whole : [...whole, [password, name] as const];
  });
  told.sort((a, b) => b[0].length - a[0].length);
  return (text) => told.reduce((shown, [value, name]) => shown.replaceAll(value, `‹${name}›`), text);
}
