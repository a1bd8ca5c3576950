import { expect, test } from 'vitest';
import { setMariadbPassword } from './mariadb/setPassword.ts';
import { setPostgresPassword } from './postgres/setPassword.ts';

const account = { user: `o'"brien`, password: `a'b\\c` };

test('a role and its password are quoted as Postgres wants them, and stand on no command line', () => {
  const { command, stdin } = setPostgresPassword(account, { POSTGRES_USER: 'shop' });
  expect(stdin).toBe(`ALTER ROLE "o'""brien" WITH PASSWORD E'a''b\\\\c';\n`);
  expect(command.join(' ')).toContain('-U shop -d postgres');
  expect(command.join(' ')).not.toContain('brien');
});

test('an account and its password are quoted as MariaDB wants them', () => {
  const { stdin, env } = setMariadbPassword(account, { MYSQL_ROOT_PASSWORD: 'root' });
  expect(stdin).toBe(`ALTER USER 'o''"brien'@'%' IDENTIFIED BY 'a''b\\\\c';\n`);
  expect(env).toEqual({ MYSQL_PWD: 'root' });
});
