/**
 * Takes out of a plain-text dump what an older server or client does not know. Only the head of each dump and whole known
 * lines are touched, never data: after the head the bytes pass as they are.
 */
export interface DumpFilterOptions {
  readonly targetMajor: number;
  /** The role that the target was made with: it exists. Given for the dump of roles, which is short and read to its end. */
  readonly existingRole?: string;
}

/** The head (SET …, CREATE DATABASE, \connect) ends where the first object is announced; from there on every line is data. */
const FIRST_OBJECT = /^-- Name: .*; Type: (?!DATABASE)/;

/** Settings that a dump's head makes, with the major version that first knew them. */
const SETTINGS_SINCE: Readonly<Record<string, number>> = {
  transaction_timeout: 17,
  default_table_access_method: 12,
};

const NEWLINE = 0x0a;

export function dumpFilter(
  options: DumpFilterOptions,
): (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array> {
  return (source) => filterStream(source, new DumpFilter(options));
}

/** The same for a short script. */
export function filterDump(script: string, options: DumpFilterOptions): string {
  const filter = new DumpFilter(options);
  return Buffer.concat([filter.push(Buffer.from(script)), filter.end()]).toString('utf8');
}

async function* filterStream(
  source: AsyncIterable<Uint8Array>,
  filter: DumpFilter,
): AsyncIterable<Uint8Array> {
  for await (const chunk of source) {
    const out = filter.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    if (out.length > 0) yield out;
  }
  const rest = filter.end();
  if (rest.length > 0) yield rest;
}

class DumpFilter {
  readonly #options: DumpFilterOptions;
  #inHead = true;
  #rest: Buffer = Buffer.alloc(0);
  /** The line that closes what \restrict opened; the dump ends with it. */
  #closing: string | undefined;

  constructor(options: DumpFilterOptions) {
    this.#options = options;
  }

  push(chunk: Buffer): Buffer {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const head = this.#takeHead();
    if (this.#inHead) return head;
    // The closing line may be cut by a chunk's end: hold back as many bytes as it and the lines after it are long.
    const keep = this.#closing === undefined ? 0 : this.#closing.length + 2;
    const body = this.#rest.subarray(0, Math.max(0, this.#rest.length - keep));
    this.#rest = this.#rest.subarray(body.length);
    return Buffer.concat([head, this.#withoutClosing(body)]);
  }

  end(): Buffer {
    const out = this.#inHead ? this.#rewriteLine(this.#rest) : this.#withoutClosing(this.#rest);
    this.#rest = Buffer.alloc(0);
    return out;
  }

  #takeHead(): Buffer {
    const out: Buffer[] = [];
    let at = 0;
    while (this.#inHead) {
      const end = this.#rest.indexOf(NEWLINE, at);
      if (end < 0) break;
      out.push(this.#rewriteLine(this.#rest.subarray(at, end + 1)));
      at = end + 1;
    }
    this.#rest = this.#rest.subarray(at);
    return Buffer.concat(out);
  }

  /** The line byte for byte, changed, or nothing. */
  #rewriteLine(line: Buffer): Buffer {
    const text = line.toString('latin1').replace(/\n$/, '');
    if (FIRST_OBJECT.test(text)) this.#inHead = false;
    const restrict = /^\\restrict (\w+)$/.exec(text);
    if (restrict) this.#closing = `\\unrestrict ${restrict[1]}`;
    if (restrict || text === this.#closing) return Buffer.alloc(0);
    const rewritten = rewrite(text, this.#options);
    if (rewritten === text) return line;
    return Buffer.from(rewritten === undefined ? '' : `${rewritten}\n`, 'latin1');
  }

  #withoutClosing(bytes: Buffer): Buffer {
    const at = this.#closing === undefined ? -1 : bytes.indexOf(this.#closing);
    if (at < 0) return bytes;
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + (this.#closing ?? '').length)]);
  }
}

/** What a line of the head becomes; undefined when it goes. Latin-1 stands for bytes here: only ASCII is looked at. */
function rewrite(line: string, options: DumpFilterOptions): string | undefined {
  const setting = /^SET (\w+) = .*;$/.exec(line)?.[1];
  if (setting !== undefined && (SETTINGS_SINCE[setting] ?? 0) > options.targetMajor) return undefined;
  if (line.startsWith('CREATE DATABASE ')) return rewriteCreateDatabase(line, options.targetMajor);
  if (options.existingRole !== undefined) return rewriteRole(line, options.existingRole, options.targetMajor);
  return line;
}

/** Locale providers came with 15, the one word LOCALE with 13. */
function rewriteCreateDatabase(line: string, targetMajor: number): string {
  let text = line;
  if (targetMajor < 15) text = text.replace(/ LOCALE_PROVIDER = libc/, '');
  if (targetMajor < 13) text = text.replace(/ LOCALE = ('[^']*')/, ' LC_COLLATE = $1 LC_CTYPE = $1');
  return text;
}

function rewriteRole(line: string, existingRole: string, targetMajor: number): string | undefined {
  const quoted = Buffer.from(`"${existingRole.replaceAll('"', '""')}"`, 'utf8').toString('latin1');
  if (line === `CREATE ROLE ${existingRole};` || line === `CREATE ROLE ${quoted};`) return undefined;
  // Since 16 a membership says what it gives and who gave it; before, only ADMIN OPTION could be said.
  if (targetMajor < 16 && line.startsWith('GRANT ')) {
    const admin = /\bADMIN (?:OPTION|TRUE)\b/.test(line) ? ' WITH ADMIN OPTION' : '';
    return line.replace(/ WITH (?:ADMIN|INHERIT|SET)\b[^;]*;$/, `${admin};`);
  }
  return line;
}
