/**
 * Log lines on the wire: each binary message of a `logs` channel is a batch. Little-endian:
 *
 *     line := u32 bytes of text | f64 time (ms since the epoch, fraction kept) | u8 kind | u8 level
 *           | u16 bytes of source | u16 bytes of id | source (UTF-8) | id (ASCII) | text (raw bytes as the container wrote them)
 *
 * `source` is `service` or `service-2` for the second replica. `id` orders lines over all services and can be given back as
 * `after`. Text is raw: it may hold escape sequences and broken UTF-8, and is hostile until shown by a terminal.
 */
export interface LogLine {
  readonly id: string;
  readonly time: number;
  readonly kind: LogLineKind;
  readonly level: LogLevel;
  readonly source: string;
  readonly text: Uint8Array;
}

/** `marker`: a line of ours (started, restarted, replaced); its text is plain UTF-8. `folded`: the head of a line too long to send. */
export type LogLineKind = 'stdout' | 'stderr' | 'tty' | 'marker' | 'folded';
export type LogLevel = 'none' | 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export const LOG_LINE_KINDS: readonly LogLineKind[] = ['stdout', 'stderr', 'tty', 'marker', 'folded'];
export const LOG_LEVELS: readonly LogLevel[] = ['none', 'trace', 'debug', 'info', 'warn', 'error', 'fatal'];

const HEADER_BYTES = 18;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** One message for these lines. */
export function encodeLogBatch(lines: readonly LogLine[]): Uint8Array<ArrayBuffer> {
  const parts = lines.map((line) => ({
    line,
    source: encoder.encode(line.source),
    id: encoder.encode(line.id),
  }));
  const size = parts.reduce(
    (sum, part) => sum + HEADER_BYTES + part.source.length + part.id.length + part.line.text.length,
    0,
  );
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { line, source, id } of parts) {
    view.setUint32(at, line.text.length, true);
    view.setFloat64(at + 4, line.time, true);
    view.setUint8(at + 12, LOG_LINE_KINDS.indexOf(line.kind));
    view.setUint8(at + 13, LOG_LEVELS.indexOf(line.level));
    view.setUint16(at + 14, source.length, true);
    view.setUint16(at + 16, id.length, true);
    bytes.set(source, at + HEADER_BYTES);
    bytes.set(id, at + HEADER_BYTES + source.length);
    bytes.set(line.text, at + HEADER_BYTES + source.length + id.length);
    at += HEADER_BYTES + source.length + id.length + line.text.length;
  }
  return bytes;
}

/** The lines of one message. Throws a RangeError on a message that is cut short. */
export function decodeLogBatch(bytes: Uint8Array): LogLine[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lines: LogLine[] = [];
  let at = 0;
  while (at < bytes.length) {
    const textLength = view.getUint32(at, true);
    const sourceEnd = at + HEADER_BYTES + view.getUint16(at + 14, true);
    const idEnd = sourceEnd + view.getUint16(at + 16, true);
    if (idEnd + textLength > bytes.length) throw new RangeError('A log batch is cut short.');
    lines.push({
      time: view.getFloat64(at + 4, true),
      kind: LOG_LINE_KINDS[view.getUint8(at + 12)] ?? 'stdout',
      level: LOG_LEVELS[view.getUint8(at + 13)] ?? 'none',
      source: decoder.decode(bytes.subarray(at + HEADER_BYTES, sourceEnd)),
      id: decoder.decode(bytes.subarray(sourceEnd, idEnd)),
      text: bytes.subarray(idEnd, idEnd + textLength),
    });
    at = idEnd + textLength;
  }
  return lines;
}
