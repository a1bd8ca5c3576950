import type { CarryContext } from '../profile.ts';
import type { SchemaArchive } from './archive.ts';
import { notMoved } from './check.ts';
import { fingerprintTable, tableKey } from './fingerprint.ts';
import { Lanes } from './lanes.ts';
import { type Meeting, TARGET_SOCKET } from './meeting.ts';
import type { MoveProgress } from './moveProgress.ts';
import { majorOf, superuser } from './psql.ts';
import type { PsqlSession } from './session.ts';
import { copyTable, type Lane, largeTables, type Table } from './tables.ts';
import { watchCopies } from './watchCopies.ts';

export interface MoveRows {
  readonly context: CarryContext;
  readonly source: PsqlSession;
  readonly target: PsqlSession;
  readonly meeting: Meeting;
  readonly database: string;
  readonly archive: SchemaArchive;
  readonly progress: MoveProgress;
}

/**
 * Moves the rows of one database and all that comes after them. Every large table goes by itself, several at once, and has
 * its indexes built as soon as it is there; all smaller ones go in one stream beside them. While foreign keys, triggers and
 * the like follow, both sides of the large tables are read and noted for the comparison.
 */
export async function moveRows(move: MoveRows): Promise<void> {
  const { context, source, database, archive, progress, target } = move;
  progress.say(`database ${database}`);
  const tables = await largeTables(source, database);
  const early = tables.map((table) => archive.indexes(new Set(table.indexes)));
  const scripts = archive.scripts(early);
  // Whoever waits for it hears of its failure; until then nobody does.
  scripts.catch(() => undefined);
  const lanes = new Lanes(context, move.meeting.lanes);
  const watching = watchCopies(context, { progress, any: tables.length > 0 });
  try {
    const carried = tables.map((table, index) =>
      lanes.next((lane) =>
        carryTable(move, lane, { table, index: () => scripts.then(({ lists }) => lists[index]) }),
      ),
    );
    await lanes.all([...carried, moveRest(move, tables)]);
    await watching.end();
    progress.say(`database ${database}: its keys and triggers`);
    const noted = tables.map((table) => lanes.next((lane) => noteTable(move, lane, table)));
    const { rest } = await scripts;
    await lanes.all([...noted, target.restore(database, rest)]);
  } finally {
    await watching.end();
    lanes.end();
  }
}

async function carryTable(
  { meeting, database, progress }: MoveRows,
  lane: Lane,
  { table, index }: { readonly table: Table; readonly index: () => Promise<string | undefined> },
): Promise<void> {
  const rows = await copyTable(lane, { meeting, database, table });
  progress.add({ bytes: table.bytes, rows });
  const script = await index();
  if (script) await lane.target.restore(database, script);
}

async function noteTable({ context, database }: MoveRows, lane: Lane, { name }: Table): Promise<void> {
  const both = Math.min(majorOf(context.source), majorOf(context.target));
  const wanted = { database, table: name, both };
  const [before, after] = await Promise.all([
    fingerprintTable(lane.source, wanted),
    fingerprintTable(lane.target, wanted),
  ]);
  const key = tableKey(database, name);
  context.known.source.set(key, before);
  context.known.target.set(key, after);
}

/**
 * Both programs are the source's own, so they understand each other; only a setting that an older target does not know is
 * taken out of the head, line by line, before the rows pass through untouched.
 */
const SCRIPT = `
drop=$1; shift
head() {
  while IFS= read -r line; do
    case $line in "SET $drop = "*) break ;; esac
    printf '%s\\n' "$line"
  done
  exec cat
}
pass() { if [ "$drop" = none ]; then "$@"; else head | "$@"; fi; }
exec 4>&1
codes=$( {
  { pg_dump -U "$FROM_USER" --section=data -d "$DB" "$@"; echo dumped $? >&3; } | {
    pass psql -X -v ON_ERROR_STOP=1 -h ${TARGET_SOCKET} -U "$TO_USER" -d "$DB" -f - >&4; echo restored $? >&3
  }
} 3>&1 )
case $codes in *"dumped 0"*) ;; *) exit 97 ;; esac
case $codes in *"restored 0"*) ;; *) exit 98 ;; esac
`;

/** One line for each table: small, but not by the default of a short command. */
const OUTPUT_BYTES = 16 * 1024 * 1024;

/** All rows but those of the tables that go by themselves, sequences and large objects, in one stream. */
async function moveRest(move: MoveRows, without: readonly Table[]): Promise<void> {
  const { database, progress } = move;
  const { source, target, signal } = move.context;
  const [bytes] = await move.source.query(database, restSql(without));
  if (bytes === undefined) return;
  const drop = majorOf(source) >= 17 && majorOf(target) < 17 ? 'transaction_timeout' : 'none';
  const env = {
    FROM_USER: superuser(source.environment),
    TO_USER: superuser(target.environment),
    DB: database,
  };
  const others = without.map(({ name }) => `--exclude-table-data=${name}`);
  const command = ['sh', '-c', SCRIPT, 'sh', drop, ...others];
  const result = await source.exec(command, { env, signal, limitBytes: OUTPUT_BYTES });
  const decoder = new TextDecoder();
  if (result.exitCode !== 0)
    throw notMoved(`the rows of ${database} could not be carried`, decoder.decode(result.stderr).trim());
  progress.add({ bytes: Number(bytes), rows: copiedRows(decoder.decode(result.stdout)) });
}

function copiedRows(output: string): number {
  return [...output.matchAll(/^COPY (\d+)$/gm)].reduce((sum, [, rows]) => sum + Number(rows), 0);
}

/** How large it is; no line where there is nothing at all: no table, no sequence, no large object of the user's. */
const restSql = (without: readonly Table[]) => `
SELECT sum(size) FROM (
  SELECT coalesce(pg_table_size(c.oid), 0) AS size FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm', 'S') AND c.oid >= 16384 AND n.nspname !~ '^pg_(toast|temp)'
    AND format('%I.%I', n.nspname, c.relname) <> ALL (ARRAY[${without.map(({ name }) => `'${name.replaceAll("'", "''")}'`).join(', ')}]::text[])
  UNION ALL SELECT 0 FROM pg_largeobject_metadata) AS found HAVING count(*) > 0;
`;
