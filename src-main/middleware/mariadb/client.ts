import { AppFailure } from '#contract/errors.ts';
import type { Environment, Server } from '../profile.ts';

/** MariaDB renamed its tools with 10.5 and dropped the old names with 11. */
export function tool(server: Server, name: 'client' | 'dump'): string {
  const [major = 0, minor = 0] = server.version.numbers;
  const renamed = server.product === 'mariadb' && (major > 10 || (major === 10 && minor >= 5));
  if (name === 'dump') return renamed ? 'mariadb-dump' : 'mysqldump';
  return renamed ? 'mariadb' : 'mysql';
}

/** Both products read the password from MYSQL_PWD, which keeps it off every command line. */
export function secret(server: Server): Environment {
  const environment = server.environment;
  const password = environment['MARIADB_ROOT_PASSWORD'] ?? environment['MYSQL_ROOT_PASSWORD'] ?? '';
  return { MYSQL_PWD: password };
}

export function client(server: Server): readonly string[] {
  return [
    tool(server, 'client'),
    '--user=root',
    '--batch',
    '--skip-column-names',
    '--raw',
    '--default-character-set=utf8mb4',
  ];
}

const LIMIT_BYTES = 64 * 1024 * 1024;

/** Runs a script and gives its lines. Throws `data.dumpFailed` with what the client said. */
export async function query(
  server: Server,
  script: string,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const result = await server.exec(client(server), {
    stdin: new TextEncoder().encode(script),
    env: secret(server),
    limitBytes: LIMIT_BYTES,
    signal,
  });
  if (result.exitCode !== 0 || result.truncated) {
    const output = new TextDecoder().decode(result.stderr).trim();
    throw new AppFailure({
      kind: 'data.dumpFailed',
      service: '',
      output,
      message: `${tool(server, 'client')}: ${output || 'too much output'}`,
    });
  }
  return new TextDecoder()
    .decode(result.stdout)
    .split('\n')
    .filter((line) => line !== '');
}

const SYSTEM_SCHEMAS = `('mysql', 'information_schema', 'performance_schema', 'sys')`;

export function listDatabases(server: Server, signal?: AbortSignal): Promise<readonly string[]> {
  return query(
    server,
    `SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN ${SYSTEM_SCHEMAS} ORDER BY 1;`,
    signal,
  );
}

/** Quoted as statements want them; root and the server's own accounts exist on every server and are left out. */
export function listAccounts(server: Server, signal?: AbortSignal): Promise<readonly string[]> {
  return query(server, ACCOUNTS, signal);
}

const ACCOUNTS = `
SELECT CONCAT(QUOTE(User), '@', QUOTE(Host)) FROM mysql.user
 WHERE User NOT IN ('root', 'mariadb.sys', 'mysql.sys', 'mysql.session', 'mysql.infoschema', 'healthcheck', 'PUBLIC', '') AND Host <> ''
 ORDER BY 1;
`;

/** MariaDB keeps roles beside its accounts (MySQL's are accounts). Quoted. */
export async function listRoles(server: Server, signal?: AbortSignal): Promise<readonly string[]> {
  if (server.product !== 'mariadb') return [];
  return query(
    server,
    `SELECT QUOTE(User) FROM mysql.user WHERE is_role = 'Y' AND User <> 'PUBLIC' ORDER BY 1;`,
    signal,
  );
}

/** What an account may do, one statement a grant, without its password (which travels with CREATE USER). */
export async function grantsOf(
  server: Server,
  account: string,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const grants = await query(server, `SHOW GRANTS FOR ${account};`, signal);
  return grants.map((grant) =>
    grant.replace(/ IDENTIFIED (?:BY|VIA) .*?(?= REQUIRE| WITH GRANT| WITH MAX|$)/, ''),
  );
}
