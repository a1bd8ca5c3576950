import type { FingerprintOptions, Server } from '../profile.ts';
import { majorOf } from './psql.ts';
import { PsqlSession } from './session.ts';

/**
 * The same lines for the same content on every version from 11 on: objects, rows (count and checksum per table), sequences,
 * roles, grants, extensions, large objects, settings. What a version spells in its own way (text of view definitions,
 * NOT NULL as a constraint since 18, the MAINTAIN privilege since 17, copies of triggers and of foreign keys for partitions)
 * is compared by what it means, or left out.
 */
export async function fingerprintPostgres(
  server: Server,
  { signal, other, known = new Map() }: FingerprintOptions,
): Promise<readonly string[]> {
  const both = Math.min(majorOf(server), other?.numbers[0] ?? 0);
  const session = await PsqlSession.open(server, 'postgres', signal);
  try {
    const lines = [...known.values(), ...(await session.query('postgres', PREAMBLE + CLUSTER))];
    for (const database of await session.query('postgres', DATABASES)) {
      const already = [...known.keys()].flatMap((key) => tableOf(key, database) ?? []);
      const own = await session.query(database, PREAMBLE + OBJECTS + rowsSql(both, allBut(already)));
      lines.push(...own.map((line) => `${database}: ${line}`));
    }
    return lines.sort();
  } finally {
    session.close();
  }
}

/** What a table is known by: its quoted name with its schema, in its database. */
export function tableKey(database: string, table: string): string {
  return `${database}\n${table}`;
}

function tableOf(key: string, database: string): string | undefined {
  return key.startsWith(`${database}\n`) ? key.slice(database.length + 1) : undefined;
}

/** The line of one table, as its side's fingerprint has it. `both`: the older of the two versions. */
export async function fingerprintTable(
  session: PsqlSession,
  { database, table, both }: { readonly database: string; readonly table: string; readonly both: number },
): Promise<string> {
  const [line = ''] = await session.query(database, PREAMBLE + rowsSql(both, only(table)));
  return `${database}: ${line}`;
}

const DATABASES = `SELECT datname FROM pg_database WHERE datallowconn AND datname <> 'template0' ORDER BY datname;`;

/** Output that does not depend on the server's or the database's settings. */
const PREAMBLE = `
SET search_path = pg_catalog;
SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; SET timezone = 'UTC';
SET bytea_output = 'hex'; SET extra_float_digits = 1; SET lc_monetary = 'C'; SET xmloption = content;
`;

const CLUSTER = `
SELECT 'role ' || concat_ws(' ', rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,
  rolconnlimit, rolvaliduntil, rolbypassrls, md5(coalesce((SELECT rolpassword FROM pg_authid a WHERE a.oid = r.oid), '')))
  FROM pg_roles r WHERE rolname !~ '^pg_';
SELECT 'member ' || concat_ws(' ', m.rolname, 'in', g.rolname, bool_or(admin_option))
  FROM pg_auth_members am JOIN pg_roles m ON m.oid = am.member JOIN pg_roles g ON g.oid = am.roleid
  WHERE m.rolname !~ '^pg_' GROUP BY m.rolname, g.rolname;
SELECT 'setting ' || concat_ws(' ', coalesce(d.datname, '*'), coalesce(r.rolname, '*'), c)
  FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_roles r ON r.oid = s.setrole,
  unnest(s.setconfig) c;
SELECT 'database ' || concat_ws(' ', datname, pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype, datconnlimit)
  FROM pg_database WHERE datname <> 'template0';
SELECT 'system setting ' || name || ' ' || setting
  FROM pg_file_settings WHERE sourcefile LIKE '%postgresql.auto.conf' AND error IS NULL;
`;

const USER_SCHEMA = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;
/** Objects that an extension brought are the extension's, and may differ between its versions. */
const notOfExtension = (catalog: string, column: string) =>
  `NOT EXISTS (SELECT 1 FROM pg_depend x WHERE x.classid = '${catalog}'::regclass AND x.objid = ${column} AND x.deptype = 'e')`;

const OBJECTS = `
SELECT 'schema ' || nspname || ' ' || CASE WHEN nspname = 'public' THEN '' ELSE pg_get_userbyid(nspowner) END
  FROM pg_namespace n WHERE ${USER_SCHEMA};
SELECT 'extension ' || extname FROM pg_extension;
SELECT 'column ' || concat_ws(' ', n.nspname, c.relname, c.relkind, pg_get_userbyid(c.relowner), a.attname,
  format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END, a.attidentity, a.attgenerated,
  pg_get_expr(d.adbin, d.adrelid))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  WHERE ${USER_SCHEMA} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND a.attnum > 0 AND NOT a.attisdropped
  AND ${notOfExtension('pg_class', 'c.oid')};
SELECT 'constraint ' || concat_ws(' ', n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid))
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE ${USER_SCHEMA} AND k.contype <> 'n' AND NOT (k.contype = 'f' AND k.conparentid <> 0) AND ${notOfExtension('pg_class', 'c.oid')};
SELECT 'index ' || pg_get_indexdef(i.indexrelid)
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE ${USER_SCHEMA} AND ${notOfExtension('pg_class', 'c.oid')};
SELECT 'partition ' || concat_ws(' ', n.nspname, c.relname, pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE ${USER_SCHEMA} AND (c.relkind = 'p' OR c.relispartition) AND c.relkind IN ('r', 'p');
SELECT 'function ' || concat_ws(' ', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), p.prokind, p.provolatile,
  p.prosecdef, l.lanname, pg_get_userbyid(p.proowner), md5(p.prosrc))
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
  WHERE ${USER_SCHEMA} AND ${notOfExtension('pg_proc', 'p.oid')};
SELECT 'trigger ' || concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled)
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE ${USER_SCHEMA} AND NOT t.tgisinternal AND coalesce((to_jsonb(t) ->> 'tgparentid')::oid, 0) = 0;
SELECT 'type ' || concat_ws(' ', n.nspname, t.typname, t.typtype, pg_get_userbyid(t.typowner),
  (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid))
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
  WHERE ${USER_SCHEMA} AND t.typtype IN ('e', 'd', 'r') AND ${notOfExtension('pg_type', 't.oid')};
SELECT 'sequence ' || concat_ws(' ', schemaname, sequencename, data_type, start_value, min_value, max_value, increment_by, cycle, last_value)
  FROM pg_sequences;
SELECT 'policy ' || concat_ws(' ', schemaname, tablename, policyname, permissive, roles::text, cmd) FROM pg_policies;
SELECT 'grant ' || concat_ws(' ', n.nspname, c.relname, coalesce(g.rolname, 'public'), a.privilege_type, a.is_grantable)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
  aclexplode(coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END, c.relowner))) a
  LEFT JOIN pg_roles g ON g.oid = a.grantee
  WHERE ${USER_SCHEMA} AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND a.privilege_type <> 'MAINTAIN';
SELECT 'large objects ' || concat_ws(' ', count(*), sum(hashtextextended(encode(lo_get(oid), 'hex'), 0)::numeric))
  FROM pg_largeobject_metadata;
SELECT 'comment ' || concat_ws(' ', d.classoid::regclass, d.objsubid, md5(d.description))
  FROM pg_description d WHERE d.objoid >= 16384;
`;

/** Since 14 a row can be hashed as it is, several times faster than its text. */
const RECORD_HASH_SINCE = 14;

/**
 * Types whose hash is the same on every version and in every cluster: hash partitioning stands on that. Not an enum, whose hash
 * is that of an internal number, and not a number without a fixed scale, of which 1.0 and 1.00 hash alike.
 */
const STEADY = `'bool', 'bytea', 'date', 'float4', 'float8', 'int2', 'int4', 'int8', 'interval', 'jsonb', 'oid', 'text', 'time',
  'timestamp', 'timestamptz', 'uuid', 'varchar'`;

/** true: all columns of the table are of such types, and text is compared by its bytes. */
const HASHED_AS_IT_IS = `NOT EXISTS (SELECT 1 FROM pg_attribute a JOIN pg_type ty ON ty.oid = a.atttypid
    LEFT JOIN pg_collation l ON l.oid = a.attcollation
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND (NOT coalesce(l.collisdeterministic, true) OR NOT (
      ty.typname IN (${STEADY}) OR (ty.typname = 'numeric' AND a.atttypmod >= 0)
      OR EXISTS (SELECT 1 FROM pg_type e WHERE e.oid = ty.typelem AND ty.typlen = -1 AND e.typname IN (${STEADY})))))`;

/** A statement for each chosen table, which gives its count and checksum. `both`: the older of the two versions. */
function rowsSql(both: number, chosen: string): string {
  const hash =
    both >= RECORD_HASH_SINCE
      ? `CASE WHEN ${HASHED_AS_IT_IS} THEN 'hash_record_extended(%s, 0)' ELSE ${AS_TEXT} END`
      : AS_TEXT;
  return `
SELECT format('SELECT %L || count(*) || '' rows '' || coalesce(sum(%s), 0) FROM ONLY %I.%I t',
  'table ' || n.nspname || '.' || c.relname || ' ', format(${hash}, ${ROW}), n.nspname, c.relname)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE ${USER_SCHEMA} AND c.relkind IN ('r', 'm') AND NOT (c.relkind = 'm' AND NOT c.relispopulated) AND ${chosen}
  ORDER BY n.nspname, c.relname
\\gexec
`;
}

const AS_TEXT = "'hashtextextended(%s::text, 0)'";

/**
 * Never `t` alone, which may be the name of a column, too. The order of an heir's columns is that of its history, which a dump
 * does not keep: there they go by name.
 */
const ROW = `CASE WHEN NOT c.relispartition AND EXISTS (SELECT 1 FROM pg_inherits h WHERE h.inhrelid = c.oid) THEN (
    SELECT 'ROW(' || string_agg(format('t.%I', a.attname), ', ' ORDER BY a.attname) || ')' FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) ELSE 'ROW(t.*)' END`;

const NAME = `format('%I.%I', n.nspname, c.relname)`;

function only(table: string): string {
  return `${NAME} = ${literal(table)}`;
}

function allBut(tables: readonly string[]): string {
  return `${NAME} <> ALL (ARRAY[${tables.map(literal).join(', ')}]::text[])`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
