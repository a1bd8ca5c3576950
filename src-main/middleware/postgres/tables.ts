import { notMoved } from './check.ts';
import type { Meeting } from './meeting.ts';
import type { PsqlSession } from './session.ts';

/** A table from this size on moves by itself; what is smaller goes in one stream with others. */
const LARGE_BYTES = 8 * 1024 * 1024;
/** After the first failure: how long the other side may take to say why. */
const OTHERS_WORD_MS = 2000;

/** A table that moves by itself. */
export interface Table {
  /** Quoted, with its schema. */
  readonly name: string;
  /** Quoted, those that are computed left out. */
  readonly columns: string;
  readonly bytes: number;
  /** In which all its columns mean the same on every version. */
  readonly format: 'binary' | 'text';
  /** Of the database on the source; the rows are written in it. */
  readonly encoding: string;
  /** Numbers of the indexes that can be built as soon as the rows are there: they need nothing else. */
  readonly indexes: readonly string[];
}

/** Those of a database that move by themselves, largest first. */
export async function largeTables(source: PsqlSession, database: string): Promise<readonly Table[]> {
  const lines = await source.query(database, LARGE_TABLES);
  return lines.map((line) => JSON.parse(line) as Table);
}

/**
 * Types whose binary form is the same on every version. Not an interval, of which the newest have an infinity that older ones
 * would read as a number, and no type of the user's own.
 */
const STEADY = `'bool', 'bytea', 'int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'text', 'varchar', 'bpchar', 'date', 'time',
  'timetz', 'timestamp', 'timestamptz', 'uuid', 'json', 'jsonb', 'inet', 'cidr', 'macaddr', 'bit', 'varbit'`;

/** Tables that an extension brought are its own business: only pg_dump knows which of their rows are the user's. */
const LARGE_TABLES = `
SELECT json_build_object('name', format('%I.%I', n.nspname, c.relname), 'bytes', pg_table_size(c.oid), 'columns', a.columns,
    'format', CASE WHEN a.steady THEN 'binary' ELSE 'text' END,
    'encoding', (SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()),
    'indexes', ARRAY(SELECT coalesce(k.oid, i.indexrelid)::text FROM pg_index i
      LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = c.oid AND k.contype IN ('p', 'u', 'x')
      WHERE i.indrelid = c.oid AND i.indexprs IS NULL AND i.indpred IS NULL AND k.contype IS DISTINCT FROM 'x'))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, LATERAL (
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns, bool_and(t.typnamespace = 'pg_catalog'::regnamespace
        AND (t.typname IN (${STEADY}) OR (e.typname IN (${STEADY}) AND t.typlen = -1))) AS steady
      FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type e ON e.oid = t.typelem
        AND e.typnamespace = 'pg_catalog'::regnamespace
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') a
  WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND position(E'\\n' IN n.nspname || c.relname) = 0 AND pg_table_size(c.oid) >= ${LARGE_BYTES} AND a.columns IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM pg_depend x WHERE x.classid = 'pg_class'::regclass AND x.objid = c.oid AND x.deptype = 'e')
  ORDER BY pg_table_size(c.oid) DESC LIMIT 200;
`;

/** Two sessions and a pipe: what one table at a time moves through. */
export interface Lane {
  readonly number: number;
  readonly source: PsqlSession;
  readonly target: PsqlSession;
}

/**
 * Moves the rows of one table from server to server through a pipe. It is emptied in the same transaction: that is what lets
 * the target leave the rows out of its write-ahead log and write them as rows that everybody sees, once and for all.
 * Resolves with their number.
 */
export async function copyTable(
  lane: Lane,
  {
    meeting,
    database,
    table,
  }: { readonly meeting: Meeting; readonly database: string; readonly table: Table },
): Promise<number> {
  const { name, columns, format, encoding } = table;
  const pipe = `lane-${lane.number}`;
  const how = `FORMAT ${format}, ENCODING '${encoding}'`;
  const receive = `BEGIN; TRUNCATE ONLY ${name};
COPY ${name} (${columns}) FROM '${meeting.target}/${pipe}' WITH (${how}, FREEZE);
\\set moved :ROW_COUNT
COMMIT;
SELECT :moved;`;
  const send = `COPY ${name} (${columns}) TO '${meeting.source}/${pipe}' WITH (${how});`;
  const [lines] = await bothOr(lane, name, [
    lane.target.query(database, receive),
    lane.source.query(database, send),
  ]);
  return Number(lines?.at(-1) ?? 0);
}

/** When one side fails the other may wait at the pipe for ever: it has a moment to say its own reason, then both are ended. */
async function bothOr<T>(lane: Lane, name: string, sides: readonly Promise<T>[]): Promise<readonly T[]> {
  const failures: unknown[] = [];
  const noted = sides.map((side) =>
    side.catch((thrown: unknown) => {
      failures.push(thrown);
      throw thrown;
    }),
  );
  try {
    return await Promise.all(noted);
  } catch (first) {
    const timer = setTimeout(() => endLane(lane), OTHERS_WORD_MS);
    await Promise.allSettled(noted);
    clearTimeout(timer);
    throw reasonOf(name, failures) ?? first;
  }
}

/** Ends both sessions; what they are at fails. */
export function endLane(lane: Lane): void {
  lane.source.close();
  lane.target.close();
}

/** That the other side has gone is the least that a side can say, and either may be heard first. Exported for its test. */
export function reasonOf(name: string, failures: readonly unknown[]): unknown {
  const said = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure)));
  const hearsay = said.map((message) => /broken pipe|session was closed/i.test(message));
  const own = failures.find((_, index) => !hearsay[index]);
  if (own === undefined) return undefined;
  const isPsql = said.some((message) => message.startsWith('psql: '));
  if (!isPsql) return own;
  const causesFirst = [
    ...said.filter((_, index) => !hearsay[index]),
    ...said.filter((_, index) => hearsay[index]),
  ];
  return notMoved(`${name} could not be carried`, causesFirst.join('\n'));
}
