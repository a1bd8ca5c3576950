import { type Raw, record } from './raw.ts';

/** The longest single message an engine sends is a BuildKit trace with a step's whole output: well below this. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * JSON objects that stand one per line, as pull, build, events and stats send them. Bytes in, so no character is cut.
 * Lines that are not `wanted` are dropped before anything is made of their bytes.
 */
export async function* jsonLines(
  source: AsyncIterable<Uint8Array>,
  wanted: (line: Uint8Array) => boolean = () => true,
): AsyncGenerator<Raw, void, void> {
  const decoder = new TextDecoder();
  for await (const bytes of byteLines(source)) {
    const line = wanted(bytes) ? parse(decoder.decode(bytes)) : undefined;
    if (line !== undefined) yield line;
  }
}

async function* byteLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let pending: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const part = chunk.subarray(start, end);
      yield pending.length === 0 ? part : Buffer.concat([...pending, part]);
      pending = [];
      size = 0;
      start = end + 1;
    }
    const rest = chunk.subarray(start);
    size += rest.length;
    if (size > MAX_LINE_BYTES) throw new RangeError('a message of the engine is longer than any should be');
    if (rest.length > 0) pending.push(rest);
  }
  yield Buffer.concat(pending);
}

/** An empty line is a heartbeat; half a line is what was left when the connection broke. */
function parse(line: string): Raw | undefined {
  const trimmed = line.trim();
  if (trimmed === '') return undefined;
  try {
    return record(JSON.parse(trimmed));
  } catch {
    return undefined;
  }
}
