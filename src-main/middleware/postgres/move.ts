import type { CarryContext, Server } from '../profile.ts';
import { SchemaArchive } from './archive.ts';
import { check, notMoved } from './check.ts';
import { dumpFilter, filterDump } from './dumpFilter.ts';
import { type Meeting, meet } from './meeting.ts';
import { MoveProgress } from './moveProgress.ts';
import { majorOf, psql, query, superuser } from './psql.ts';
import { requireExtensions } from './requireExtensions.ts';
import { moveRows } from './rows.ts';
import { PsqlSession } from './session.ts';

/** These exist in every new cluster, so their dump must not create them. */
const GIVEN_DATABASES = new Set(['postgres', 'template1']);

/** Thousands of roles. */
const ROLES_BYTES = 64 * 1024 * 1024;

/** One session with each side, and what goes through them. */
export interface ClusterMove {
  readonly context: CarryContext;
  readonly source: PsqlSession;
  readonly target: PsqlSession;
  /** Undefined: the servers do not reach each other, and the bytes go through the engine. */
  readonly meeting: Meeting | undefined;
  readonly progress: MoveProgress;
}

/**
 * Moves a whole cluster: roles and settings, then every database. The dump comes from the source's own pg_dump, because
 * a dump tool refuses servers newer than itself; what an older target does not know is filtered on the way.
 */
export async function movePostgres(context: CarryContext): Promise<void> {
  context.onProgress({ text: 'roles' });
  const opened = [context.source, context.target].map((server) =>
    PsqlSession.open(server, 'postgres', context.signal),
  );
  try {
    const [meeting, source, target] = await Promise.all([meet(context), ...opened] as const);
    if (!source || !target) throw new Error('Two sessions were opened.');
    const databases = await source.query('postgres', DATABASES);
    const [size] = await source.query('postgres', SIZE);
    const progress = new MoveProgress(context, Number(size ?? 0));
    await moveCluster({ context, source, target, meeting, progress }, databases);
  } finally {
    for (const session of opened)
      session.then(
        (open) => open.close(),
        () => undefined,
      );
  }
}

async function moveCluster(move: ClusterMove, databases: readonly string[]): Promise<void> {
  const archives = databases.map((database, index) => later(() => dumpSchema(move, database, index)));
  archives[0]?.();
  await moveRoles(move);
  await requireExtensions(move, databases);
  for (const [index, database] of databases.entries()) {
    const archive = await archives[index]?.();
    // Reading the next one's schema has time while this one's rows move.
    archives[index + 1]?.();
    await moveDatabase(move, database, archive);
  }
  await moveSettings(move);
}

/** Begins when it is first asked for; a failure is kept for who waits for it. */
function later<T>(work: () => Promise<T>): () => Promise<T> {
  let begun: Promise<T> | undefined;
  return () => {
    begun ??= work();
    begun.catch(() => undefined);
    return begun;
  };
}

async function dumpSchema(
  { context, meeting }: ClusterMove,
  database: string,
  index: number,
): Promise<SchemaArchive | undefined> {
  if (meeting === undefined) return undefined;
  return SchemaArchive.dump({
    source: context.source,
    targetMajor: majorOf(context.target),
    database,
    create: !GIVEN_DATABASES.has(database),
    file: `${meeting.source}/schema-${index}.dump`,
    signal: context.signal,
  });
}

const DATABASES = `SELECT datname FROM pg_database WHERE datallowconn AND datname <> 'template0' ORDER BY datname;`;
const SIZE = 'SELECT sum(pg_database_size(oid))::bigint FROM pg_database;';

async function moveRoles({ context, target: session }: ClusterMove): Promise<void> {
  const { source, target, signal } = context;
  const dump = ['pg_dumpall', '-U', superuser(source.environment), '--globals-only'];
  const result = await source.exec(dump, { signal, limitBytes: ROLES_BYTES });
  const decoder = new TextDecoder();
  if (result.exitCode !== 0 || result.truncated)
    throw notMoved('the roles could not be dumped', decoder.decode(result.stderr).trim());
  const filter = { targetMajor: majorOf(target), existingRole: superuser(target.environment) };
  await session.restore('postgres', filterDump(decoder.decode(result.stdout), filter));
}

async function moveDatabase(
  move: ClusterMove,
  database: string,
  archive: SchemaArchive | undefined,
): Promise<void> {
  const { context, source, target, meeting, progress } = move;
  progress.say(`database ${database}: its objects`);
  if (archive && meeting) {
    await target.restore(GIVEN_DATABASES.has(database) ? database : 'postgres', archive.before);
    await moveRows({ context, source, target, meeting, database, archive, progress });
  } else await throughEngine(move, database);
  await moveSchemaGrants(move, database);
}

/** What must be there before the rows, the rows, then indexes, keys and triggers: as one dump, in its order. */
async function throughEngine(move: ClusterMove, database: string): Promise<void> {
  const { context, progress } = move;
  const given = GIVEN_DATABASES.has(database);
  await moveSection(context, { database, section: 'pre-data', into: given ? database : 'postgres' });
  progress.say(`database ${database}`);
  const bytes = await moveSection(context, {
    database,
    section: 'data',
    into: database,
    onBytes: (moved) => progress.underway({ bytes: moved, rows: 0 }),
  });
  progress.add({ bytes, rows: 0 });
  progress.say(`database ${database}: its indexes and keys`);
  await moveSection(context, { database, section: 'post-data', into: database });
}

interface Section {
  readonly database: string;
  readonly section: 'pre-data' | 'data' | 'post-data';
  /** The database that the target's client begins in. */
  readonly into: string;
  readonly onBytes?: (bytes: number) => void;
}

async function moveSection(
  { source, target, signal }: CarryContext,
  { database, section, into, onBytes }: Section,
): Promise<number> {
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
  const result = await source.pipeTo(dump, target, psql(target.environment, into), {
    signal,
    filter,
    onBytes,
  });
  check(result, `database ${database}`);
  return result.bytes;
}

/**
 * Postgres 15 took CREATE on schema public from everybody, and a dump does not carry a permission that was the default.
 * Applications that create tables there would break, so what the source allowed stays allowed, in both directions.
 */
async function moveSchemaGrants({ source, target }: ClusterMove, database: string): Promise<void> {
  const sql = `SELECT has_schema_privilege('public', n.oid, 'CREATE') FROM pg_namespace n WHERE nspname = 'public';`;
  const [before] = await source.query(database, sql);
  const [after] = await target.query(database, sql);
  if (before === after || before === undefined || after === undefined) return;
  const grant =
    before === 't'
      ? 'GRANT CREATE ON SCHEMA public TO PUBLIC;'
      : 'REVOKE CREATE ON SCHEMA public FROM PUBLIC;';
  await target.query(database, grant);
}

/** Settings of databases that were there already, and what ALTER SYSTEM changed. */
async function moveSettings({ source, target }: ClusterMove): Promise<void> {
  const statements = await source.query('postgres', CHANGED_SETTINGS);
  if (statements.length > 0) await target.query('postgres', statements.join('\n'));
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
  const [bytes] = await query(server, 'postgres', SIZE);
  return bytes === undefined ? undefined : Number(bytes);
}

/**
 * Everything in its files, and those on the disk: what is written with a relaxed write-ahead log counts from a checkpoint on,
 * and the cluster was made without waiting for the disk.
 */
export async function settlePostgres(target: Server, signal?: AbortSignal): Promise<void> {
  const [folder = ''] = await query(target, 'postgres', 'CHECKPOINT; SHOW data_directory;', signal);
  const { exitCode, stderr } = await target.exec(['sh', '-c', SYNC, 'sh', folder], { signal });
  if (exitCode !== 0)
    throw notMoved('the new data could not be written to disk', new TextDecoder().decode(stderr).trim());
}

const SYNC = 'if command -v initdb > /dev/null; then initdb --sync-only -D "$1"; else sync; fi';
