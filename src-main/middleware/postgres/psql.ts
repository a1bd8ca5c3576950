import { AppFailure } from '#contract/errors.ts';
import type { Environment, Server } from '../profile.ts';

/** The role that the volume was made with; the unix socket of the official image trusts it. */
export function superuser(environment: Environment): string {
  return environment['POSTGRES_USER'] || 'postgres';
}

/** `15`; 0 where it is not known. */
export function majorOf(server: Server): number {
  return server.version.numbers[0] ?? 0;
}

/** `psql` without the user's settings, stopping at the first error. Unaligned tuples only. */
export function psql(
  environment: Environment,
  database: string,
  ...more: readonly string[]
): readonly string[] {
  return [
    'psql',
    '-X',
    '-q',
    '-A',
    '-t',
    '-v',
    'ON_ERROR_STOP=1',
    '-U',
    superuser(environment),
    '-d',
    database,
    ...more,
  ];
}

const LIMIT_BYTES = 64 * 1024 * 1024;

/** Runs a script and gives its lines. Throws `data.dumpFailed` with what psql said. */
export async function query(
  server: Server,
  database: string,
  script: string,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const result = await server.exec(psql(server.environment, database, '-f', '-'), {
    stdin: new TextEncoder().encode(script),
    limitBytes: LIMIT_BYTES,
    signal,
  });
  const decoder = new TextDecoder();
  if (result.exitCode !== 0 || result.truncated) {
    const output = decoder.decode(result.stderr).trim();
    throw new AppFailure({
      kind: 'data.dumpFailed',
      service: '',
      output,
      message: `psql on ${database}: ${output || 'too much output'}`,
    });
  }
  return decoder
    .decode(result.stdout)
    .split('\n')
    .filter((line) => line !== '');
}

/** Every database that accepts connections, `template0` excepted. */
export function listDatabases(server: Server, signal?: AbortSignal): Promise<readonly string[]> {
  return query(
    server,
    'postgres',
    `SELECT datname FROM pg_database WHERE datallowconn AND datname <> 'template0' ORDER BY datname;`,
    signal,
  );
}
