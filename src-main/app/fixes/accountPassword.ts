type Environment = Readonly<Record<string, string>>;

/** Variables in which the official images take their first account and its password. */
const SERVER_ACCOUNTS: readonly (readonly [user: string, password: string, otherwise?: string])[] = [
  ['POSTGRES_USER', 'POSTGRES_PASSWORD', 'postgres'],
  ['MARIADB_USER', 'MARIADB_PASSWORD'],
  ['MYSQL_USER', 'MYSQL_PASSWORD'],
  ['RABBITMQ_DEFAULT_USER', 'RABBITMQ_DEFAULT_PASS', 'guest'],
];

/** The account that a server of an official image is made with. */
export function firstAccount(server: Environment): string | undefined {
  for (const [name, password, otherwise] of SERVER_ACCOUNTS)
    if (server[password] !== undefined) return server[name] || otherwise;
  return undefined;
}

/**
 * The password that a service logs in with: out of an address in its environment (`postgres://shop:secret@db`), out of what
 * the server is configured with for that account, or out of the one variable of its own that is called a password.
 */
export function passwordSentBy(asked: {
  readonly sender: Environment | undefined;
  readonly server: Environment;
  readonly user: string;
}): string | undefined {
  const { sender = {}, server, user } = asked;
  return ofAddress(sender, user) ?? ofServer(server, user) ?? ofVariable(sender);
}

function ofAddress(environment: Environment, user: string): string | undefined {
  for (const value of Object.values(environment)) {
    const [, name = '', password = ''] = /^[a-z][\w+.-]*:\/\/([^:/@\s]*):([^/@\s]+)@/i.exec(value) ?? [];
    if (password !== '' && decoded(name) === user) return decoded(password);
  }
  return undefined;
}

function ofServer(environment: Environment, user: string): string | undefined {
  for (const [name, password, otherwise] of SERVER_ACCOUNTS) {
    if (environment[password] && (environment[name] || otherwise) === user) return environment[password];
  }
  return undefined;
}

function ofVariable(environment: Environment): string | undefined {
  const named = Object.entries(environment).filter(([name]) => /PASS(?:WORD|WD)?$/i.test(name));
  const values = new Set(named.map(([, value]) => value).filter((value) => value !== ''));
  return values.size === 1 ? [...values][0] : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign of its own
  }
}
