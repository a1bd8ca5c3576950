import { describe, expect, test } from 'vitest';
import type { ServiceName } from '#contract/ids.ts';
import { failureCard } from './failureCards.ts';
import type { FailureFacts } from './failures/facts.ts';

function facts(change: Partial<FailureFacts>): FailureFacts {
  return {
    service: 'api' as ServiceName,
    image: 'shop-api',
    lines: [],
    dependents: [],
    services: ['api', 'db'],
    at: 1,
    ...change,
  };
}

/** What a service printed last, and the rule that is to know it. */
const PRINTED: readonly (readonly [rule: string, line: string, inTitle?: string])[] = [
  [
    'data.version',
    'DETAIL:  The data directory was initialized by PostgreSQL version 13, which is not compatible with this version 15.18.',
    '13',
  ],
  ['data.version', "Can't handle RDB format version 11", '11'],
  [
    'data.version',
    '[ERROR] InnoDB: Unsupported redo log format. The redo log was created with MariaDB 11.8.',
  ],
  [
    'data.version',
    '[ERROR] [MY-014061] [Server] Invalid MySQL server downgrade: Cannot downgrade from 80036 to 80030.',
    '80036',
  ],
  ['data.password', 'FATAL:  password authentication failed for user "shop"'],
  ['data.password', "ERROR 1045 (28000): Access denied for user 'shop'@'172.18.0.4' (using password: YES)"],
  [
    'data.password',
    'redis.exceptions.AuthenticationError: WRONGPASS invalid username-password pair or user is disabled.',
  ],
  ['setting.missing', 'Error: Database is uninitialized and superuser password is not specified.'],
  [
    'setting.missing',
    '       You must specify POSTGRES_PASSWORD to a non-empty value for the superuser.',
    'POSTGRES_PASSWORD',
  ],
  ['setting.missing', "KeyError: 'DATABASE_URL'", 'DATABASE_URL'],
  ['name.unresolved', 'Error: getaddrinfo ENOTFOUND postgress', 'postgress'],
  [
    'name.unresolved',
    'psycopg2.OperationalError: could not translate host name "db" to address: Name or service not known',
    'db',
  ],
  ['name.unresolved', 'dial tcp: lookup rabbit on 127.0.0.11:53: no such host', 'rabbit'],
  ['name.unresolved', "nc: bad address 'redis'", 'redis'],
  [
    'name.unresolved',
    'nginx: [emerg] host not found in upstream "api:8000" in /etc/nginx/conf.d/default.conf:4',
    'api',
  ],
  ['script.crlf', '/usr/bin/env: ‘bash\r’: No such file or directory'],
  ['script.crlf', "/entrypoint.sh: line 2: $'\\r': command not found"],
  ['script.crlf', 'bash: ./run.sh: /bin/bash^M: bad interpreter: No such file or directory'],
  ['image.platform', 'exec /usr/local/bin/docker-entrypoint.sh: exec format error'],
  ['permission', 'mkdir: cannot create directory "/data/db": Permission denied', '/data/db'],
  ['permission', "Error: EACCES: permission denied, open '/app/cache/index'", '/app/cache/index'],
  ['disk.full', 'PANIC:  could not write to file "pg_wal/xlogtemp.27": No space left on device'],
];

describe('a failure card', () => {
  test('offers another platform only where the image is made for one', () => {
    const foreign = { lines: ['exec /app: exec format error'], exitCode: 1, enginePlatform: 'linux/amd64' };
    const labels = (more: Partial<FailureFacts>) =>
      failureCard(facts({ ...foreign, ...more })).fixes.map(({ label }) => label);
    expect(labels({ imagePlatform: 'linux/arm64' })).toContain('Run it emulated (slow)');
    expect(labels({ imagePlatform: 'linux/amd64' })).not.toContain('Run it emulated (slow)');
    const error = {
      kind: 'image.platform' as const,
      image: 'web:1',
      wanted: 'linux/arm64',
      available: [],
      message: 'web:1 is not made for linux/arm64.',
    };
    const unpulled = { lines: [], exitCode: undefined, error };
    expect(labels(unpulled)).not.toContain('Run it emulated (slow)');
    expect(labels({ ...unpulled, imagePlatform: 'linux/amd64/v2' })).toContain('Run it as linux/amd64/v2');
  });

  test('knows a missing driver of a GPU and a file of a build that may not be read', () => {
    const message = 'could not select device driver "nvidia" with capabilities: [[gpu]]';
    const error = { kind: 'engine.failed' as const, status: 500, transient: false, message };
    expect(failureCard(facts({ error }))).toMatchObject({
      rule: 'gpu.missing',
      title: 'The engine has no driver for a GPU',
    });
    const denied = { kind: 'path.denied' as const, path: '/src/key.pem', message: 'It may not be read.' };
    expect(failureCard(facts({ error: denied }))).toMatchObject({
      rule: 'path.denied',
      title: '/src/key.pem may not be read',
    });
  });

  for (const [rule, line, inTitle] of PRINTED)
    test(`knows ${rule} by "${line.slice(0, 50)}"`, () => {
      const card = failureCard(facts({ lines: ['starting', line, 'bye'], exitCode: 1 }));
      expect(card.rule).toBe(rule);
      if (inTitle !== undefined) expect(card.title).toContain(inTitle);
      expect(card.fixes.length).toBeGreaterThan(1);
    });

  test('takes the engine’s word before the log', () => {
    const error = {
      kind: 'port.inUse' as const,
      port: 8000,
      protocol: 'tcp',
      message: 'Port 8000 is in use.',
    };
    const card = failureCard(facts({ error, lines: ['Permission denied'] }));
    expect(card).toMatchObject({ rule: 'port.taken', title: 'Port 8000 is taken' });
    expect(card.fixes.map((entry) => entry.id)).toEqual([
      'port.move:8000/tcp',
      'port.stopHolder:8000/tcp',
      'retry',
    ]);
  });

  test('names the holder of a port where it is known', () => {
    const holder = 'container blog-web-1';
    const error = {
      kind: 'port.inUse' as const,
      port: 80,
      protocol: 'tcp',
      holder,
      message: 'Port 80 is in use.',
    };
    expect(failureCard(facts({ error })).explanation).toContain('container blog-web-1');
  });

  test('says how much memory it may have', () => {
    const card = failureCard(facts({ oomKilled: true, exitCode: 137, memoryLimitBytes: 64_000_000 }));
    expect(card).toMatchObject({
      rule: 'memory',
      explanation: 'It needed more than the 64 MB that it may have.',
    });
  });

  test('tells a command that is not there from one that may not be run', () => {
    const missing = 'OCI runtime create failed: exec: "serve": executable file not found in $PATH: unknown';
    expect(failureCard(facts({ engineError: missing })).title).toBe('There is no command serve in the image');
    expect(failureCard(facts({ exitCode: 127 })).rule).toBe('command.notFound');
    const denied = 'OCI runtime create failed: exec: "/run.sh": permission denied: unknown';
    expect(failureCard(facts({ engineError: denied })).title).toBe('/run.sh is not executable');
    expect(failureCard(facts({ exitCode: 126 })).rule).toBe('command.notExecutable');
  });

  test('knows a script with Windows line ends by what Docker’s own init says of it', () => {
    const lines = ['[FATAL tini (7)] exec /start.sh failed: No such file or directory'];
    const own = { lines, exitCode: 127, windowsScripts: ['start.sh'] };
    expect(failureCard(facts(own)).rule).toBe('script.crlf');
    expect(failureCard(facts({ ...own, windowsScripts: [] })).title).toBe(
      'There is no command /start.sh in the image',
    );
  });

  test('offers a login where one is wanted', () => {
    const error = { kind: 'image.denied' as const, image: 'x', registry: 'ghcr.io', message: 'denied' };
    expect(failureCard(facts({ error })).fixes[0]).toMatchObject({
      id: 'image.login:ghcr.io',
      emphasis: 'primary',
    });
  });

  test('sets the password in the database that the service depends on', () => {
    const lines = ['FATAL:  password authentication failed for user "shop"'];
    const middleware = [
      { service: 'cache', product: 'redis' },
      { service: 'db', product: 'postgres' },
    ];
    expect(failureCard(facts({ lines, middleware })).fixes.map(({ id }) => id)).toEqual([
      'data.password:db/shop',
      'data.reset:db',
      'definition.open',
      'retry',
    ]);
    // Nobody knows which database: then nothing is offered that could not work.
    expect(failureCard(facts({ lines })).fixes.map(({ id }) => id)).toEqual(['definition.open', 'retry']);
  });

  test('has no button for what it cannot name', () => {
    const ids = (line: string) => failureCard(facts({ lines: [line] })).fixes.map(({ id }) => id);
    expect(ids('superuser password is not specified')).toEqual(['definition.open', 'retry']);
    expect(ids('Operation not permitted')).toEqual(['definition.open', 'logs.open', 'retry']);
  });

  test('offers to start a service that does not resolve because it is stopped', () => {
    const card = failureCard(facts({ lines: ['Error: getaddrinfo ENOTFOUND db'] }));
    expect(card.fixes[0]?.id).toBe('service.start:db');
  });

  test('knows a data directory of the official image’s old place', () => {
    const line =
      'Error: in 18+, these Docker images are configured to store database data in a format which is compatible with';
    const other = '       Counter to that, there appears to be PostgreSQL data in:';
    expect(failureCard(facts({ lines: [line, other] })).rule).toBe('data.version');
  });

  test('shows the last lines, twenty at most, and what little is known', () => {
    const many = Array.from({ length: 30 }, (_, index) => `line ${index}`);
    const card = failureCard(facts({ lines: many, exitCode: 139 }));
    expect(card).toMatchObject({ rule: 'unknown', title: expect.stringContaining('exited 139') });
    expect(card.lines).toEqual(many.slice(10));
  });

  test('does not take an ordinary line for a cause', () => {
    const lines = ['listening on 8000', 'connected to db', 'GET /permission 200', 'shutting down'];
    expect(failureCard(facts({ lines, exitCode: 1 })).rule).toBe('unknown');
  });
});

test('a registry that cannot be reached is no service whose name does not resolve', () => {
  const message = 'The engine cannot reach docker.io: dial tcp: lookup docker.io: no such host';
  const card = failureCard(
    facts({ error: { kind: 'registry.unreachable', registry: 'docker.io', reason: 'network', message } }),
  );
  expect(card.title).toBe('The registry docker.io cannot be reached');
  expect(card.explanation).toContain('shop-api is not on this machine');
});

describe('words of a card', () => {
  test('a name that is nearly one of the project is told', () => {
    const { explanation } = failureCard(facts({ exitCode: 1, lines: ["wget: bad address 'apy'"] }));
    expect(explanation).toContain('Did you mean api?');
  });

  test('a crash loop is called one, and can be ended', () => {
    const card = failureCard(facts({ exitCode: 3, restarts: 9 }));
    expect(card.title).toBe('It crashes in a loop');
    expect(card.explanation).toContain('9 times so far');
    expect(failureCard(facts({ exitCode: 3, restarts: 1 })).explanation).toContain('once so far');
    expect(card.fixes.map(({ id }) => id)).toContain('service.stop');
  });

  test('a known cause of a crash loop goes first', () => {
    expect(failureCard(facts({ exitCode: 1, restarts: 9, lines: ["KeyError: 'DATABASE_URL'"] })).rule).toBe(
      'setting.missing',
    );
  });

  test('what goes on running is said to', () => {
    const error = { kind: 'image.notFound', image: 'redis:77', message: 'There is none.' } as const;
    expect(failureCard(facts({ error, stillRuns: true })).explanation).toContain('goes on running');
  });

  test('RabbitMQ names no account: the one it was made with is meant', () => {
    const card = failureCard(
      facts({
        exitCode: 1,
        lines: ['ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN.'],
        middleware: [{ service: 'queue', product: 'rabbitmq', account: 'shop' }],
      }),
    );
    expect(card.fixes[0]?.id).toBe('data.password:queue/shop');
  });
});
