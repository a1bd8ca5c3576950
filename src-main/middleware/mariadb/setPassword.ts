import type { Account, Environment, PasswordChange } from '../profile.ts';

/**
 * As root, with the password that the file names for it; of every host that the account may come from. That one may have been
 * changed together with the other: then a server that asks for no password, alone with the data, gives both the new ones.
 */
export function setMariadbPassword({ user, password }: Account, environment: Environment): PasswordChange {
  const root = environment['MARIADB_ROOT_PASSWORD'] ?? environment['MYSQL_ROOT_PASSWORD'] ?? '';
  const change = `ALTER USER ${quoted(user)}@'%' IDENTIFIED BY ${quoted(password)};\n`;
  // A root that may not come from here is left out.
  const rootToo = `ALTER USER IF EXISTS 'root'@'localhost' IDENTIFIED BY ${quoted(root)};\n`;
  const both = root === '' ? change : `${rootToo}${change}`;
  return {
    command: ['sh', '-c', 'exec "$(command -v mariadb || command -v mysql)" --user=root'],
    env: { MYSQL_PWD: root },
    stdin: change,
    alone: { command: ['sh', '-c', ALONE], env: { SLIPWAY_SQL: `FLUSH PRIVILEGES;\n${both}` } },
  };
}

/** A minute for a server that recovers its log; the socket stands where the usual one does not. */
const ALONE = `
server=$(command -v mariadbd || command -v mysqld)
client="$(command -v mariadb || command -v mysql) --socket=/tmp/slipway.sock"
"$server" --user=mysql --skip-grant-tables --skip-networking --socket=/tmp/slipway.sock &
for try in $(seq 600); do
  $client -e 'SELECT 1' >/dev/null 2>&1 && break
  kill -0 $! || exit 1
  sleep 0.1
done
printf '%s' "$SLIPWAY_SQL" | $client
changed=$?
kill $! && wait $!
exit $changed
`;

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
