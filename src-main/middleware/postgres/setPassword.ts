import type { Account, Environment, PasswordChange } from '../profile.ts';
import { psql } from './psql.ts';

/** As the role that the volume was made with, over the unix socket, which the official image trusts. */
export function setPostgresPassword({ user, password }: Account, environment: Environment): PasswordChange {
  const role = `"${user.replaceAll('"', '""')}"`;
  // With its backslashes doubled, the E form means the same whatever standard_conforming_strings says.
  const secret = `E'${password.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
  return {
    command: psql(environment, 'postgres', '-f', '-'),
    stdin: `ALTER ROLE ${role} WITH PASSWORD ${secret};\n`,
  };
}
