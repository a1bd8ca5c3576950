import { stripVTControlCharacters } from 'node:util';
import { kindName, levelName } from './logStore/rows.ts';
import type { StoredRow } from './storedLines.ts';

/** Chunks of about this size go out, in characters: few messages, and little held. */
const CHUNK_LENGTH = 64 * 1024;

export type ExportFormat = 'text' | 'jsonLines';

/** Stored lines as a file: readable text, or one JSON document a line. */
export async function* exportText(
  rows: AsyncIterable<StoredRow>,
  format: ExportFormat,
): AsyncGenerator<Uint8Array, void, void> {
  const print = format === 'text' ? textLine : jsonLine;
  let chunk = '';
  for await (const row of rows) {
    chunk += print(row);
    if (chunk.length < CHUNK_LENGTH) continue;
    yield Buffer.from(chunk);
    chunk = '';
  }
  if (chunk !== '') yield Buffer.from(chunk);
}

/** Without colours and other sequences: an editor would show them as noise. */
function textLine(row: StoredRow): string {
  const text = stripVTControlCharacters(row.text.toString('utf8'));
  const isMarker = kindName(row.meta) === 'marker';
  const source = row.source === '' ? '' : `${row.source} `;
  return `${timeOf(row)} ${source}${isMarker ? `--- ${text} ---` : `| ${text}`}\n`;
}

/** The text as it was written, with what it held of sequences. */
function jsonLine(row: StoredRow): string {
  const document = {
    time: timeOf(row),
    service: row.source,
    stream: kindName(row.meta),
    level: levelName(row.meta),
    text: row.text.toString('utf8'),
  };
  return `${JSON.stringify(document)}\n`;
}

/** RFC 3339 with nine digits, UTC: what the engine itself prints. */
export function timeOf({ at }: Pick<StoredRow, 'at'>): string {
  return `${new Date(at.secs * 1000).toISOString().slice(0, 19)}.${String(at.nanos).padStart(9, '0')}Z`;
}
