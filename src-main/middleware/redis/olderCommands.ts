/**
 * Rewrites a stream of commands (RESP, as an append-only file holds them) for servers before version 7, which do not know
 * the counters that streams carry since: `XSETID key id ENTRIESADDED … MAXDELETEDID …`, `XGROUP CREATE … ENTRIESREAD …`.
 * Every other command passes byte for byte, and only the short ones are ever held.
 */
export async function* forOlderServers(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const reader = new CommandReader();
  for await (const chunk of source) {
    const out = reader.push(chunk);
    if (out.length > 0) yield out;
  }
  const rest = reader.end();
  if (rest.length > 0) yield rest;
}

/** A command is looked at when it is no longer than this; those that are rewritten are a few hundred bytes. */
const LOOKED_AT_BYTES = 4096;
const CRLF = Buffer.from('\r\n');

/** Words to drop after a command's own, each with its value, in the newer form. */
const DROPPED: Readonly<Record<string, readonly string[]>> = {
  XSETID: ['ENTRIESADDED', 'MAXDELETEDID'],
  XGROUP: ['ENTRIESREAD'],
};

class CommandReader {
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of a long command that still pass through unseen, by argument: how many are left of the value. */
  #passing: { arguments: number; bytes: number } | undefined;

  push(chunk: Uint8Array): Buffer {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const out: Buffer[] = [];
    for (;;) {
      const next = this.#passing ? this.#pass(this.#passing) : this.#command();
      if (next === undefined) return Buffer.concat(out);
      out.push(next);
    }
  }

  end(): Buffer {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return rest;
  }

  #take(bytes: number): Buffer {
    const taken = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return taken;
  }

  /** Goes on with a long command; undefined when more bytes are needed. */
  #pass(state: { arguments: number; bytes: number }): Buffer | undefined {
    if (state.bytes > 0) {
      const taken = this.#take(Math.min(state.bytes, this.#rest.length));
      state.bytes -= taken.length;
      return taken.length > 0 ? taken : undefined;
    }
    if (state.arguments === 0) {
      this.#passing = undefined;
      return Buffer.alloc(0);
    }
    const end = this.#rest.indexOf(CRLF);
    if (end < 0) return undefined;
    state.arguments -= 1;
    state.bytes = Number(this.#rest.toString('latin1', 1, end)) + CRLF.length;
    return this.#take(end + CRLF.length);
  }

  /** The next command, rewritten or as it is; undefined when it is not whole yet. */
  #command(): Buffer | undefined {
    const end = this.#rest.indexOf(CRLF);
    if (end < 0) return undefined;
    // Annotations (`#TS:…`) are comments that older servers do not read.
    if (this.#rest[0] === 0x23) {
      this.#take(end + CRLF.length);
      return Buffer.alloc(0);
    }
    const count = Number(this.#rest.toString('latin1', 1, end));
    const words = wordsOf(this.#rest, end + CRLF.length, count);
    if (words === 'cut' && this.#rest.length < LOOKED_AT_BYTES) return undefined;
    if (words === 'cut' || words.end > LOOKED_AT_BYTES) {
      this.#passing = { arguments: count, bytes: 0 };
      return this.#take(end + CRLF.length);
    }
    const taken = this.#take(words.end);
    return rewrite(words.words, taken);
  }
}

function wordsOf(bytes: Buffer, start: number, count: number): { words: Buffer[]; end: number } | 'cut' {
  const words: Buffer[] = [];
  let at = start;
  for (let index = 0; index < count; index += 1) {
    const end = bytes.indexOf(CRLF, at);
    if (end < 0) return 'cut';
    const length = Number(bytes.toString('latin1', at + 1, end));
    const from = end + CRLF.length;
    if (from + length + CRLF.length > bytes.length) return 'cut';
    words.push(bytes.subarray(from, from + length));
    at = from + length + CRLF.length;
  }
  return { words, end: at };
}

function rewrite(words: readonly Buffer[], as: Buffer): Buffer {
  const dropped = DROPPED[words[0]?.toString('latin1').toUpperCase() ?? ''];
  if (!dropped) return as;
  // The command, its subcommand, key, group and id come first: whatever they are called, they are no option.
  const fixed = dropped === DROPPED['XGROUP'] ? 5 : 3;
  const kept: Buffer[] = words.slice(0, fixed);
  for (let index = fixed; index < words.length; index += 1) {
    const word = words[index] ?? Buffer.alloc(0);
    if (dropped.includes(word.toString('latin1').toUpperCase())) index += 1;
    else kept.push(word);
  }
  return Buffer.concat([
    Buffer.from(`*${kept.length}\r\n`),
    ...kept.flatMap((word) => [Buffer.from(`$${word.length}\r\n`), word, CRLF]),
  ]);
}
