import type { CarryContext, Server } from '../profile.ts';
import { check } from './check.ts';
import { dumpFilter } from './dumpFilter.ts';
import { MoveProgress } from './moveProgress.ts';
import { listDatabases, majorOf, psql, query, superuser } from './psql.ts';
import { requireExtensions } from './requireExtensions.ts';
import { moveRows } from './streams.ts';

/** These exist in every new cluster, so their dump must not create them. */
const GIVEN_DATABASES = new Set(['postgres', 'template1']);

/**
 * Moves a whole cluster: roles and settings, then every database. The dump comes from the source's own pg_dump, because
 * a dump tool refuses servers newer than itself; what an older target does not know is filtered on the way.
 */
export async function movePostgres(context: CarryContext): Promise<void> {
  const databases = await listDatabases(context.source, context.signal);
  context.onProgress({ text: 'roles' });
  await moveRoles(context);
  await requireExtensions(context, databases);
  const progress = new MoveProgress(context, (await postgresSize(context.source)) ?? 0);
  for (const database of databases) await moveDatabase(context, database, progress);
  await moveSettings(context);
}

/** Everything in its files: what is written with a relaxed write-ahead log counts from a checkpoint on. */
export async function settlePostgres(target: Server, signal?: AbortSignal): Promise<void> {
  await query(target, 'postgres', 'CHECKPOINT;', signal);
}

async function moveRoles({ source, target, signal }: CarryContext): Promise<void> {
  const dump = ['pg_dumpall', '-U', superuser(source.environment), '--globals-only'];
  const filter = dumpFilter({ targetMajor: majorOf(target), existingRole: superuser(target.environment) });
  const result = await source.pipeTo(dump, target, psql(target.environment, 'postgres'), { signal, filter });
  check(result, 'the roles');
}

/** What must be there before the rows, the rows in several streams at once, then indexes, keys and triggers over all of them. */
async function moveDatabase(context: CarryContext, database: string, progress: MoveProgress): Promise<void> {
  const given = GIVEN_DATABASES.has(database);
  progress.say(`database ${database}: its objects`);
  await moveSection(context, { database, section: 'pre-data', into: given ? database : 'postgres' });
  await moveRows(context, database, progress);
  progress.say(`database ${database}: its indexes and keys`);
  await moveSection(context, { database, section: 'post-data', into: database });
  await moveSchemaGrants(context.source, context.target, database, context.signal);
}

interface Section {
  readonly database: string;
  readonly section: 'pre-data' | 'post-data';
  /** The database that the target's client begins in. */
  readonly into: string;
}

async function moveSection(
  { source, target, signal }: CarryContext,
  { database, section, into }: Section,
): Promise<void> {
  const create = section === 'pre-data' && into !== database ? ['--create'] : [];
  const dump = [
    'pg_dump',
    '-U',
    superuser(source.environment),
    `--section=${section}`,
    ...create,
    '-d',
    database,
  ];
  const filter = dumpFilter({ targetMajor: majorOf(target) });
  const result = await source.pipeTo(dump, target, psql(target.environment, into), { signal, filter });
  check(result, `database ${database}`);
}

/**
 * Postgres 15 took CREATE on schema public from everybody, and a dump does not carry a permission that was the default.
 * Applications that create tables there would break, so what the source allowed stays allowed, in both directions.
 */
async function moveSchemaGrants(
  source: Server,
  target: Server,
  database: string,
  signal?: AbortSignal,
): Promise<void> {
  const sql = `SELECT has_schema_privilege('public', n.oid, 'CREATE') FROM pg_namespace n WHERE nspname = 'public';`;
  const [before] = await query(source, database, sql, signal);
  const [after] = await query(target, database, sql, signal);
  if (before === after || before === undefined || after === undefined) return;
  const grant =
    before === 't'
      ? 'GRANT CREATE ON SCHEMA public TO PUBLIC;'
      : 'REVOKE CREATE ON SCHEMA public FROM PUBLIC;';
  await query(target, database, grant, signal);
}

/** Settings of databases that were there already, and what ALTER SYSTEM changed. */
async function moveSettings({ source, target, signal }: CarryContext): Promise<void> {
  const statements = await query(source, 'postgres', CHANGED_SETTINGS, signal);
  if (statements.length > 0) await query(target, 'postgres', statements.join('\n'), signal);
}

const CHANGED_SETTINGS = `
SELECT format('ALTER DATABASE %I SET %I TO %L;', d.datname, split_part(c, '=', 1), substr(c, strpos(c, '=') + 1))
  FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) c
  WHERE s.setrole = 0 AND d.datname IN ('postgres', 'template1') ORDER BY 1;
SELECT format('ALTER SYSTEM SET %I TO %L;', name, setting)
  FROM pg_file_settings WHERE sourcefile LIKE '%postgresql.auto.conf' AND error IS NULL ORDER BY seqno;
`;

/** Bytes of all databases together. */
export async function postgresSize(server: Server): Promise<number | undefined> {
  const [bytes] = await query(
    server,
    'postgres',
    'SELECT sum(pg_database_size(oid))::bigint FROM pg_database;',
  );
  return bytes === undefined ? undefined : Number(bytes);
}
