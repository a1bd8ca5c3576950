import type { DataMarker, Environment, MiddlewareProfile } from '../profile.ts';
import type { Version } from '../version.ts';
import { fingerprintPostgres } from './fingerprint.ts';
import { OWN_SOCKET, TARGET_SOCKET } from './meeting.ts';
import { movePostgres, postgresSize, settlePostgres } from './move.ts';
import { reindexPostgres } from './reindex.ts';
import { setPostgresPassword } from './setPassword.ts';
import { postgresTraps } from './traps.ts';
import { tunedCommand } from './tunedCommand.ts';

/** From this major version on the image's volume is one level up and each version has a folder of its own. */
const MOVED_DATA_DIRECTORY = 18;

/**
 * Postgres and the images built on it. Each major version has a data format of its own; a server refuses any other
 * ("database files are incompatible with server"). Source: postgresql.org/docs, docker-library/postgres.
 */
export const postgres: MiddlewareProfile = {
  product: 'postgres',
  title: 'Postgres',
  repositories: [
    'library/postgres',
    'postgis/postgis',
    'timescale/timescaledb',
    'timescale/timescaledb-ha',
    'pgvector/pgvector',
    'supabase/postgres',
    'imresamu/postgis',
    'kartoza/postgis',
    'ankane/pgvector',
    'citusdata/citus',
    'paradedb/paradedb',
    'cimg/postgres',
    'bitnami/postgresql',
    'bitnamilegacy/postgresql',
  ],
  repository: 'library/postgres',
  port: 5432,
  data: {
    lane: (version) => String(version.numbers[0] ?? 0),
    mountPath: (version) =>
      major(version) >= MOVED_DATA_DIRECTORY ? '/var/lib/postgresql' : '/var/lib/postgresql/data',
    directoryVariable: 'PGDATA',
    markers: [
      marker('PG_VERSION'),
      marker('data/PG_VERSION'),
      ...[18, 19, 20].map((number) => marker(`${number}/docker/PG_VERSION`)),
    ],
    opens: (version, lane) => (String(major(version)) === lane ? 'yes' : 'no'),
    carry: {
      how: 'Dumped database by database, restored into a new volume, compared table by table.',
      // Since 14 a new cluster lets nobody in whose password was stored as MD5; this method takes both kinds.
      prepareTarget: (environment) => ({
        POSTGRES_HOST_AUTH_METHOD: 'md5',
        ...environment,
        POSTGRES_DB: 'postgres',
        // It is written to disk as a whole at the end.
        POSTGRES_INITDB_ARGS: `${environment['POSTGRES_INITDB_ARGS'] ?? ''} --no-sync`.trim(),
      }),
      prepareCommand: tunedCommand,
      meeting: { target: OWN_SOCKET, source: TARGET_SOCKET },
      move: movePostgres,
      settle: settlePostgres,
      fingerprint: fingerprintPostgres,
      size: postgresSize,
    },
    reindex: reindexPostgres,
    traps: postgresTraps,
    leavesBehind: ['edits of pg_hba.conf and postgresql.conf made inside the old data directory'],
  },
  startsTwice: true,
  probe: (environment) => [
    'pg_isready',
    '-q',
    '-h',
    '127.0.0.1',
    '-U',
    user(environment),
    '-d',
    database(environment),
  ],
  setPassword: setPostgresPassword,
  client: (environment) => ['psql', '-U', user(environment), '-d', database(environment)],
  url: (environment, { host, port }) => {
    const password = environment['POSTGRES_PASSWORD'];
    const login =
      encodeURIComponent(user(environment)) + (password ? `:${encodeURIComponent(password)}` : '');
    return `postgres://${login}@${host}:${port}/${encodeURIComponent(database(environment))}`;
  },
  // Source: postgresql.org/support/versioning.
  endOfLife: {
    '9': '2021-11-11',
    '10': '2022-11-10',
    '11': '2023-11-09',
    '12': '2024-11-21',
    '13': '2025-11-13',
    '14': '2026-11-12',
    '15': '2027-11-11',
    '16': '2028-11-09',
    '17': '2029-11-08',
    '18': '2030-11-14',
  },
  known: ['18', '17', '16', '15', '14', '13'],
};

function major(version: Version): number {
  return version.numbers[0] ?? 0;
}

function user(environment: Environment): string {
  return environment['POSTGRES_USER'] || 'postgres';
}

function database(environment: Environment): string {
  return environment['POSTGRES_DB'] || user(environment);
}

function marker(path: string): DataMarker {
  return {
    path,
    lane: (content) => /^(\d+)(?:\.\d+)?\s*$/.exec(new TextDecoder().decode(content).trim())?.[1],
  };
}
