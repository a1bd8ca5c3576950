import { type Raw, record } from './raw.ts';

/** The longest single message an engine sends is a BuildKit trace with a step's whole output: well below this. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const NEWLINE = 0x0a;

/** JSON objects that stand one per line, as pull, build, events and stats send them. Bytes in, so no character is cut. */
export async function* jsonLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<Raw, void, void> {
  const decoder = new TextDecoder();
  let pending: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = parse(decoder.decode(Buffer.concat([...pending, chunk.subarray(start, end)])));
      pending = [];
      size = 0;
      start = end + 1;
      if (line !== undefined) yield line;
    }
    const rest = chunk.subarray(start);
    size += rest.length;
    if (size > MAX_LINE_BYTES) throw new RangeError('a message of the engine is longer than any should be');
    if (rest.length > 0) pending.push(rest);
  }
  const last = parse(decoder.decode(Buffer.concat(pending)));
  if (last !== undefined) yield last;
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
