import { AppFailure, isKind } from '#contract/errors.ts';
import type { CarryContext, Server } from '../profile.ts';
import { check, notMoved } from './check.ts';
import { dumpFilter } from './dumpFilter.ts';
import type { MoveProgress } from './moveProgress.ts';
import { majorOf, psql, query, superuser } from './psql.ts';

/** Where the source's container sees the folder of the target's socket. */
export const TARGET_SOCKET = '/slipway-target';

/** A table from this size on is a stream of its own. */
const LARGE_BYTES = 8 * 1024 * 1024;
/** Beyond this the disk is the limit. */
const MOST_STREAMS = 4;

interface Table {
  /** Quoted, with its schema. */
  readonly name: string;
  readonly bytes: number;
}

/**
 * Moves the rows of one database: every large table as a stream of its own, all else in one more, several at once. Where the
 * source reaches the target's socket the bytes go straight from server to server; else through the engine, one stream.
 */
export async function moveRows(
  context: CarryContext,
  database: string,
  progress: MoveProgress,
): Promise<void> {
  const { source, signal } = context;
  progress.say(`database ${database}`);
  if (!(await reaches(context))) return throughEngine(context, database, progress);
  const large = await largeTables(source, database, signal);
  const rest = await query(source, database, REST_BYTES(large.map(({ name }) => name)), signal);
  const streams: Stream[] = [
    ...large.map((table) => ({ database, table, bytes: table.bytes, without: [] })),
    { database, table: undefined, bytes: Number(rest[0] ?? 0), without: large },
  ];
  streams.sort((a, b) => b.bytes - a.bytes);
  const stop = new AbortController();
  const watching = watchCopies(context, { database, progress, signal: stop.signal });
  try {
    await runAtOnce(streams, await streamsAtOnce(source), (stream) => moveStream(context, stream, progress));
  } finally {
    stop.abort();
    await watching;
  }
}

async function reaches({ source, target, signal }: CarryContext): Promise<boolean> {
  const command = psql(target.environment, 'postgres', '-h', TARGET_SOCKET, '-c', 'SELECT 1');
  const { exitCode } = await source.exec(command, { signal });
  return exitCode === 0;
}

interface Stream {
  readonly database: string;
  /** Undefined: all that is not in `without`. */
  readonly table: Table | undefined;
  readonly without: readonly Table[];
  readonly bytes: number;
}

/**
 * Both programs are the source's own, so they understand each other; only a setting that an older target does not know is
 * taken out of the head, line by line, before the rows pass through untouched. A table of its own is emptied first, in the
 * same transaction: that is what lets the target leave its rows out of the write-ahead log.
 */
const SCRIPT = `
drop=$1 emptied=$2; shift 2
head() {
  while IFS= read -r line; do
    case $line in "SET $drop = "*) break ;; esac
    printf '%s\\n' "$line"
  done
  exec cat
}
pass() { if [ "$drop" = none ]; then "$@"; else head | "$@"; fi; }
into() {
  set -- psql -X -v ON_ERROR_STOP=1 -h ${TARGET_SOCKET} -U "$TO_USER" -d "$DB"
  if [ -n "$emptied" ]; then "$@" -1 -c "TRUNCATE ONLY $emptied" -f -; else "$@" -f -; fi
}
exec 4>&1
codes=$( {
  { pg_dump -U "$FROM_USER" --section=data -d "$DB" "$@"; echo dumped $? >&3; } | { pass into >&4; echo restored $? >&3; }
} 3>&1 )
case $codes in *"dumped 0"*) ;; *) exit 97 ;; esac
case $codes in *"restored 0"*) ;; *) exit 98 ;; esac
`;

async function moveStream(
  { source, target, signal }: CarryContext,
  stream: Stream,
  progress: MoveProgress,
): Promise<void> {
  const drop = majorOf(source) >= 17 && majorOf(target) < 17 ? 'transaction_timeout' : 'none';
  const chosen =
    stream.table === undefined
      ? stream.without.map(({ name }) => `--exclude-table-data=${name}`)
      : ['-t', stream.table.name];
  const env = {
    FROM_USER: superuser(source.environment),
    TO_USER: superuser(target.environment),
    DB: stream.database,
  };
  const command = ['sh', '-c', SCRIPT, 'sh', drop, stream.table?.name ?? '', ...chosen];
  const result = await source.exec(command, { env, signal, limitBytes: OUTPUT_BYTES });
  const decoder = new TextDecoder();
  if (result.exitCode !== 0) {
    const what = stream.table?.name ?? `the rows of ${stream.database}`;
    throw notMoved(`${what} could not be carried`, decoder.decode(result.stderr).trim());
  }
  progress.add({ bytes: stream.bytes, rows: copiedRows(decoder.decode(result.stdout)) });
}

/** One line for each table: small, but not by the default of a short command. */
const OUTPUT_BYTES = 16 * 1024 * 1024;

function copiedRows(output: string): number {
  return [...output.matchAll(/^COPY (\d+)$/gm)].reduce((sum, [, rows]) => sum + Number(rows), 0);
}

async function throughEngine(
  { source, target, signal }: CarryContext,
  database: string,
  progress: MoveProgress,
): Promise<void> {
  const dump = ['pg_dump', '-U', superuser(source.environment), '--section=data', '-d', database];
  let moved = 0;
  const result = await source.pipeTo(dump, target, psql(target.environment, database), {
    signal,
    filter: dumpFilter({ targetMajor: majorOf(target) }),
    onBytes: (bytes) => {
      moved = bytes;
      progress.underway({ bytes, rows: 0 });
    },
  });
  check(result, `the rows of ${database}`);
  progress.add({ bytes: moved, rows: 0 });
}

async function largeTables(
  source: Server,
  database: string,
  signal?: AbortSignal,
): Promise<readonly Table[]> {
  const lines = await query(source, database, LARGE_TABLES, signal);
  return lines.map((line) => {
    const [bytes = '', ...name] = line.split(' ');
    return { bytes: Number(bytes), name: name.join(' ') };
  });
}

/** Tables that an extension brought are its own business: only pg_dump knows which of their rows are the user's. */
const LARGE_TABLES = `
SELECT pg_table_size(c.oid) || ' ' || format('%I.%I', n.nspname, c.relname)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND position(E'\\n' IN n.nspname || c.relname) = 0 AND pg_table_size(c.oid) >= ${LARGE_BYTES}
    AND NOT EXISTS (SELECT 1 FROM pg_depend x WHERE x.classid = 'pg_class'::regclass AND x.objid = c.oid AND x.deptype = 'e')
  ORDER BY pg_table_size(c.oid) DESC LIMIT 200;
`;

const REST_BYTES = (without: readonly string[]) => `
SELECT coalesce(sum(pg_table_size(c.oid)), 0)::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND format('%I.%I', n.nspname, c.relname) <> ALL (ARRAY[${without.map((name) => `'${name.replaceAll("'", "''")}'`).join(', ')}]::text[]);
`;

async function streamsAtOnce(source: Server): Promise<number> {
  const { exitCode, stdout } = await source.exec(['nproc']);
  const cores = exitCode === 0 ? Number(new TextDecoder().decode(stdout)) : 1;
  return Math.max(1, Math.min(MOST_STREAMS, cores || 1));
}

/** Runs all, at most `limit` at once; the first failure stops what has not begun and is thrown when the others have ended. */
async function runAtOnce<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      try {
        await work(item);
      } catch (thrown) {
        left.length = 0;
        throw thrown;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: limit }, worker));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

/** How far the copies under way are, which the target tells since version 14. The server does the waiting. */
async function watchCopies(
  { target, signal: outer }: CarryContext,
  watch: { readonly database: string; readonly progress: MoveProgress; readonly signal: AbortSignal },
): Promise<void> {
  if (majorOf(target) < 14) return;
  const signal = outer ? AbortSignal.any([outer, watch.signal]) : watch.signal;
  try {
    while (!signal.aborted) {
      const [line = '0 0'] = await query(target, watch.database, COPIES, signal);
      const [bytes = 0, rows = 0] = line.split(' ').map(Number);
      if (!signal.aborted && bytes > 0) watch.progress.underway({ bytes, rows });
    }
  } catch (thrown) {
    // The streams themselves say what went wrong; this only looks on.
    if (!isKind(thrown, 'cancelled') && !(thrown instanceof AppFailure)) throw thrown;
  }
}

const COPIES = `
SELECT pg_sleep(0.5);
SELECT coalesce(sum(bytes_processed), 0) || ' ' || coalesce(sum(tuples_processed), 0) FROM pg_stat_progress_copy
  WHERE command = 'COPY FROM';
`;
