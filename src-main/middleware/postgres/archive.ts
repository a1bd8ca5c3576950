import { randomUUID } from 'node:crypto';
import type { Server } from '../profile.ts';
import { notMoved } from './check.ts';
import { filterDump } from './dumpFilter.ts';
import { superuser } from './psql.ts';

const OUTPUT_BYTES = 256 * 1024 * 1024;

/** One entry of pg_dump's table of contents. */
interface Entry {
  readonly id: number;
  /** Of what it makes, on the source. */
  readonly oid: string;
  readonly type: string;
}

export interface DumpSchema {
  readonly source: Server;
  /** The target's major version: what it does not know is taken out. */
  readonly targetMajor: number;
  readonly database: string;
  /** true: the script creates the database. */
  readonly create: boolean;
  /** Where the source may write it. */
  readonly file: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Everything of a database but its rows, read once by the source's own pg_dump: what must be there before the rows as a script,
 * and what comes after them (indexes, keys, triggers) in the pieces that one asks for.
 */
export class SchemaArchive {
  /** The script of what comes before the rows. */
  readonly before: string;
  readonly #request: DumpSchema;
  readonly #after: readonly Entry[];

  private constructor(request: DumpSchema, before: string, after: readonly Entry[]) {
    this.#request = request;
    this.before = before;
    this.#after = after;
  }

  static async dump(request: DumpSchema): Promise<SchemaArchive> {
    const marker = newMarker();
    const command = [DUMP, 'sh', marker, request.file, ...(request.create ? ['--create'] : [])];
    const output = await run(request, command);
    const [contents = '', before = ''] = output.split(`${marker}\n`);
    return new SchemaArchive(request, filtered(request, before), entriesOf(contents));
  }

  /** Entries that build the indexes of these numbers, among them those of keys. */
  indexes(oids: ReadonlySet<string>): readonly number[] {
    const builds = ({ type, oid }: Entry) => (type === 'INDEX' || type === 'CONSTRAINT') && oids.has(oid);
    return this.#after.filter(builds).map(({ id }) => id);
  }

  /** A script for each list of entries, then one for all others that come after the rows. */
  async scripts(lists: readonly (readonly number[])[]): Promise<{ lists: readonly string[]; rest: string }> {
    if (this.#after.length === 0) return { lists: lists.map(() => ''), rest: '' };
    const marker = newMarker();
    const taken = new Set(lists.flat());
    const rest = this.#after.map(({ id }) => id).filter((id) => !taken.has(id));
    const input = [...lists, rest].map((ids) => ids.join('\n')).join('\n.\n');
    const output = await run(
      this.#request,
      [PIECES, 'sh', marker, this.#request.file],
      new TextEncoder().encode(`${input}\n.\n`),
    );
    const scripts = output.split(`${marker}\n`).map((script) => filtered(this.#request, script));
    return { lists: scripts.slice(0, lists.length), rest: scripts[lists.length] ?? '' };
  }
}

const DUMP = `
marker=$1 file=$2; shift 2
pg_dump -U "$FROM_USER" -Fc -Z0 --section=pre-data --section=post-data -d "$DB" -f "$file" &&
pg_restore -l --section=post-data "$file" && echo "$marker" && pg_restore --section=pre-data "$@" -f - "$file"
`;

/** Lists of entries on standard input, each ended by a dot; an empty list is an empty script. */
const PIECES = `
marker=$1 file=$2; list=
while IFS= read -r line; do
  if [ "$line" != . ]; then list="$list$line
"; continue; fi
  if [ -n "$list" ]; then printf %s "$list" | pg_restore --section=post-data -L /dev/stdin -f - "$file" || exit; fi
  echo "$marker"; list=
done
`;

async function run(request: DumpSchema, words: readonly string[], stdin?: Uint8Array): Promise<string> {
  const { source, database, signal } = request;
  const result = await source.exec(['sh', '-c', ...words], {
    env: { FROM_USER: superuser(source.environment), DB: database },
    stdin,
    signal,
    limitBytes: OUTPUT_BYTES,
  });
  const decoder = new TextDecoder();
  if (result.exitCode === 0 && !result.truncated) return decoder.decode(result.stdout);
  throw notMoved(`database ${database} could not be dumped`, decoder.decode(result.stderr).trim());
}

/** `3341; 2606 16402 CONSTRAINT public customer customer_pkey shop` */
function entriesOf(contents: string): readonly Entry[] {
  return contents.split('\n').flatMap((line) => {
    const found = /^(\d+); \d+ (\d+) ((?:INDEX ATTACH|[A-Z]+)\b)/.exec(line);
    return found ? [{ id: Number(found[1]), oid: found[2] ?? '', type: found[3] ?? '' }] : [];
  });
}

function filtered({ targetMajor }: DumpSchema, script: string): string {
  return script === '' ? '' : filterDump(script, { targetMajor });
}

function newMarker(): string {
  return `-- slipway ${randomUUID()}`;
}
