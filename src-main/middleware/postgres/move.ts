import { AppFailure } from '#contract/errors.ts';
import type { CarryContext, PipeResult, Server } from '../profile.ts';
import { dumpFilter } from './dumpFilter.ts';
import { listDatabases, psql, query, superuser } from './psql.ts';

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
  let total = 0;
  for (const database of databases) {
    const onBytes = (bytes: number) =>
      context.onProgress({ text: `database ${database}`, bytes: total + bytes });
    total += await moveDatabase(context, database, onBytes);
  }
  await moveSettings(context);
  await query(context.target, 'postgres', 'CHECKPOINT;', context.signal);
}

async function moveRoles({ source, target, signal }: CarryContext): Promise<void> {
  const dump = ['pg_dumpall', '-U', superuser(source.environment), '--globals-only'];
  const filter = dumpFilter({ targetMajor: majorOf(target), existingRole: superuser(target.environment) });
  const result = await source.pipeTo(dump, target, psql(target.environment, 'postgres'), { signal, filter });
  check(result, 'the roles');
}

async function moveDatabase(
  { source, target, signal }: CarryContext,
  database: string,
  onBytes: (bytes: number) => void,
): Promise<number> {
  const given = GIVEN_DATABASES.has(database);
  const dump = [
    'pg_dump',
    '-U',
    superuser(source.environment),
    ...(given ? [] : ['--create']),
    '-d',
    database,
  ];
  const filter = dumpFilter({ targetMajor: majorOf(target) });
  const result = await source.pipeTo(dump, target, psql(target.environment, given ? database : 'postgres'), {
    signal,
    filter,
    onBytes,
  });
  check(result, `database ${database}`);
  await moveSchemaGrants(source, target, database, signal);
  return result.bytes;
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

function check(result: PipeResult, what: string): void {
  if (result.sourceExitCode === 0 && result.targetExitCode === 0) return;
  const output = [result.sourceErrors, result.targetOutput].filter(Boolean).join('\n').trim();
  const side = result.targetExitCode !== 0 ? 'restored' : 'dumped';
  throw new AppFailure({
    kind: 'data.dumpFailed',
    service: '',
    output,
    message: `Postgres: ${what} could not be ${side}: ${firstError(output)}`,
  });
}

function firstError(output: string): string {
  const lines = output.split('\n');
  return (lines.find((line) => /error|fatal/i.test(line)) ?? lines[0] ?? '').slice(0, 300);
}

function majorOf(server: Server): number {
  return server.version.numbers[0] ?? 0;
}

/** Bytes of all databases together. */
export async function postgresSize(server: Server): Promise<number | undefined> {
  const [bytes] = await query(
    server,
    'postgres',
    'SELECT sum(pg_database_size(oid))::bigint FROM pg_database;',
  );
  return bytes === undefined ? undefined : Number(bytes);
}
