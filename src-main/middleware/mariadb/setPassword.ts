import type { Account, Environment, PasswordChange } from '../profile.ts';

/** As root, whose password must still be the one of the file; of every host that the account may come from. */
export function setMariadbPassword({ user, password }: Account, environment: Environment): PasswordChange {
  const root = environment['MARIADB_ROOT_PASSWORD'] ?? environment['MYSQL_ROOT_PASSWORD'] ?? '';
  return {
    command: ['sh', '-c', 'exec "$(command -v mariadb || command -v mysql)" --user=root'],
    env: { MYSQL_PWD: root },
    stdin: `ALTER USER ${quoted(user)}@'%' IDENTIFIED BY ${quoted(password)};\n`,
  };
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
