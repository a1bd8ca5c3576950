import { runOnce, Trial } from './trial.ts';

/** Runs one image for real and throws when it does not do what the official image of that name does. */
export type Check = (image: string) => Promise<void>;

function expect(what: string, text: string, pattern: RegExp): void {
  if (!pattern.test(text)) throw new Error(`${what}: expected ${pattern}, got:\n${text.slice(0, 2_000)}`);
}

/** One attempt at a page, for `eventually`. */
async function page(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return await response.text();
}

function prints(command: readonly string[], pattern: RegExp): Check {
  return async (image) => {
    const { status, output } = await runOnce(image, command);
    expect(`${command.join(' ')} ended with ${status}`, output, pattern);
    if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}`);
  };
}

async function postgres(image: string): Promise<void> {
  await using server = await Trial.start({
    image,
    env: {
      POSTGRES_PASSWORD: 'x',
      POSTGRES_USER: 'shop',
      POSTGRES_DB: 'orders',
      POSTGRES_INITDB_ARGS: '--data-checksums',
    },
    files: {
      '/docker-entrypoint-initdb.d/1.sql': 'CREATE EXTENSION pg_trgm; CREATE TABLE t AS SELECT 41 AS n;',
      '/docker-entrypoint-initdb.d/2.sh':
        'psql -U "$POSTGRES_USER" "$POSTGRES_DB" -c "UPDATE t SET n = n + 1"',
    },
  });
  const query = (sql: string) =>
    server.bash(`PGPASSWORD=x psql -h "$(hostname -i)" -U shop orders -Atc '${sql}'`);
  expect('init files', await server.eventually(() => query('SELECT n FROM t')), /^42$/);
  expect('version', await query('SHOW server_version_num'), new RegExp(`^${image.replace('postgres:', '')}`));
  expect(
    'collation',
    await query('SELECT datcollate FROM pg_database WHERE datname = current_database()'),
    /^en_US\.utf8$/,
  );
  expect('checksums', await query('SHOW data_checksums'), /^on$/);
  expect(
    'dump',
    await server.bash('pg_dump -U shop orders && pg_dumpall -U shop --globals-only'),
    /COPY public\.t[\s\S]*CREATE ROLE shop/,
  );
  expect(
    'the server runs as',
    await server.bash('stat -c %U "$PGDATA/PG_VERSION" && ps -o user= -p 1'),
    /^postgres\s+postgres$/,
  );
  if ((await server.stop()) !== 0) throw new Error('a stopped postgres ends with 0');
  await refusesWithout(image, 'POSTGRES_PASSWORD');
}

async function refusesWithout(image: string, setting: string): Promise<void> {
  await using refused = await Trial.start({ image });
  const status = await refused.exitStatus();
  if (status !== 1) throw new Error(`without a password it ends with ${status}`);
  expect('the reason', await refused.logs(), new RegExp(setting));
}

function keyValue(product: 'redis' | 'valkey'): Check {
  return async (image) => {
    await using server = await Trial.start({ image });
    const answer = await server.eventually(async () => {
      const output = await server.bash(`${product}-cli PING`);
      return output === 'PONG' ? output : undefined;
    });
    expect('ping', answer, /^PONG$/);
    expect(
      'write',
      await server.bash(`${product}-cli SET a b && ${product}-cli SAVE && ls /data`),
      /OK\s+OK\s+dump\.rdb/,
    );
    expect('it runs as', await server.bash('ps -o user= -p 1'), new RegExp(`^${product}`));
    if ((await server.stop()) !== 0) throw new Error(`a stopped ${product} ends with 0`);
  };
}

async function mariadb(image: string): Promise<void> {
  await using server = await Trial.start({
    image,
    env: {
      MARIADB_ROOT_PASSWORD: "it's",
      MYSQL_DATABASE: 'shop',
      MARIADB_USER: 'app',
      MARIADB_PASSWORD: 'pw',
    },
    files: { '/docker-entrypoint-initdb.d/1.sql': 'CREATE TABLE t AS SELECT 42 AS n;' },
  });
  const query = (sql: string) =>
    server.bash(
      `mariadb --skip-ssl -h "$(hostname -i)" -uapp -ppw shop --batch --skip-column-names -e '${sql}'`,
    );
  expect('init files', await server.eventually(() => query('SELECT n FROM t')), /^42$/);
  expect(
    'version',
    await query('SELECT version()'),
    new RegExp(`^${image.replace('mariadb:', '').replace('.', '\\.')}`),
  );
  expect('root', await server.bash(`mariadb -uroot "-pit's" -e 'SHOW DATABASES'`), /shop/);
  await server.bash('healthcheck.sh --connect --innodb_initialized');
  expect('dump', await server.bash(`mariadb-dump -uroot "-pit's" shop`), /CREATE TABLE `t`/);
  expect('it runs as', await server.bash('ps -o user= -p 1'), /^mysql/);
  if ((await server.stop()) !== 0) throw new Error('a stopped mariadb ends with 0');
  await refusesWithout(image, 'MARIADB_ROOT_PASSWORD');
}

async function rabbitmq(image: string): Promise<void> {
  const management = image.includes('management');
  await using server = await Trial.start({
    image,
    env: { RABBITMQ_DEFAULT_USER: 'shop', RABBITMQ_DEFAULT_PASS: 'pw', RABBITMQ_DEFAULT_VHOST: 'orders' },
    ports: management ? [15672] : [],
  });
  await server.eventually(() => server.bash('rabbitmq-diagnostics -q check_running'));
  expect(
    'users',
    await server.bash('rabbitmqctl -q list_users && rabbitmqctl -q list_vhosts'),
    /shop[\s\S]*orders/,
  );
  expect('login', await server.bash('rabbitmqctl authenticate_user shop pw'), /Success/);
  expect(
    'plugins',
    await server.bash('rabbitmq-plugins list -e -m'),
    management ? /rabbitmq_management/ : /rabbitmq_prometheus/,
  );
  if (management) expect('console', await page(`${await server.url(15672)}/`), /RabbitMQ/);
}

async function nginx(image: string): Promise<void> {
  await using server = await Trial.start({
    image,
    env: { GREETING: 'ahoy' },
    ports: [80, 81],
    files: {
      '/etc/nginx/templates/more.conf.template':
        'server { listen 81; location / { return 200 "$GREETING $uri"; } }',
    },
  });
  const url = await server.url(80);
  expect('index', await server.eventually(() => page(url)), /Welcome to nginx/);
  expect('template', await page(`${await server.url(81)}/deck`), /^ahoy \/deck$/);
  expect('access log', await server.logs(), /GET \/deck/);
  if ((await server.stop()) !== 0) throw new Error('a stopped nginx ends with 0');
}

async function haproxy(image: string): Promise<void> {
  await using server = await Trial.start({
    image,
    ports: [8080],
    files: {
      '/usr/local/etc/haproxy/haproxy.cfg':
        'defaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n  timeout connect 5s\nfrontend all\n  bind :8080\n  http-request return status 200 content-type text/plain string ahoy\n',
    },
  });
  const url = await server.url(8080);
  expect('answer', await server.eventually(() => page(url)), /^ahoy$/);
}

/** Says one line to a TCP port from inside the container and waits for the answer. */
function speaks(port: number, line: string, pattern: RegExp): Check {
  return async (image) => {
    await using server = await Trial.start({ image });
    const ask = `exec 3<>/dev/tcp/127.0.0.1/${port} && printf '${line}' >&3 && head -1 <&3`;
    expect('answer', await server.eventually(() => server.bash(ask)), pattern);
  };
}

function serves(port: number, path: string, pattern: RegExp): Check {
  return async (image) => {
    await using server = await Trial.start({ image, ports: [port] });
    const url = `${await server.url(port)}${path}`;
    const body = await server.eventually(async () => {
      const text = await page(url);
      return pattern.test(text) ? text : undefined;
    });
    expect('answer', body, pattern);
  };
}

async function mosquitto(image: string): Promise<void> {
  await using server = await Trial.start({
    image,
    command: ['/usr/sbin/mosquitto', '-c', '/mosquitto-no-auth.conf'],
  });
  await server.eventually(() => server.bash('mosquitto_pub -r -t deck -m ahoy'));
  expect('message', await server.bash('timeout 10 mosquitto_sub -C 1 -t deck'), /^ahoy$/);
}

async function shellLess(image: string): Promise<void> {
  await using server = await Trial.start({ image, ports: [8080] });
  const url = await server.url(8080);
  expect('answer', await server.eventually(() => page(url)), /^shell-less on /);
  expect('health', await page(`${url}/health`), /^ok/);
  const shell = await server.exec('sh', '-c', 'true');
  if (shell.status === 0) throw new Error('it has a shell');
  if ((await server.stop()) !== 0) throw new Error('it ends with 0 when stopped');
}

const PYTHON_LIBRARIES = 'import psycopg2, pika, redis, flask, requests';
const GO_PROGRAM = 'package main\\nimport "net/http"\\nfunc main() { println("ahoy", http.MethodGet) }\\n';

/** By the name before the colon. */
export const CHECKS: Readonly<Record<string, Check>> = {
  postgres,
  redis: keyValue('redis'),
  valkey: keyValue('valkey'),
  mariadb,
  rabbitmq,
  nginx,
  haproxy,
  memcached: speaks(11211, 'version\\r\\n', /^VERSION 1\.6\./),
  nats: speaks(4222, '', /^INFO \{/),
  consul: serves(8500, '/v1/status/leader', /:8300/),
  registry: serves(5000, '/v2/', /^\{\}/),
  caddy: serves(80, '/', /Caddy works/),
  'eclipse-mosquitto': mosquitto,
  python: (image) =>
    prints(
      [
        'sh',
        '-c',
        `python --version && pip --version && python -c '${image.endsWith('3.11') ? PYTHON_LIBRARIES : 'import ssl'}'`,
      ],
      new RegExp(`^Python ${image.replace('python:', '').replace('.', '\\.')}`),
    )(image),
  node: (image) =>
    prints(
      ['sh', '-c', 'node -v && npm -v && yarn -v'],
      new RegExp(`^v${image.replace('node:', '')}\\.`),
    )(image),
  ruby: prints(
    ['sh', '-c', 'ruby -v && bundle -v && gem -v && ruby -r pg -r bunny -r redis -e "puts :ahoy"'],
    /^ruby 3\.1[\s\S]*ahoy$/,
  ),
  golang: prints(
    ['sh', '-c', `printf '${GO_PROGRAM}' > /tmp/a.go && go version && go run /tmp/a.go`],
    /go1\.19[\s\S]*ahoy GET/,
  ),
  busybox: prints(['sh', '-c', 'echo ahoy | sed s/a/A/ && id -u'], /^Ahoy\n0$/),
  debian: prints(
    ['bash', '-c', '. /etc/os-release && echo $VERSION_CODENAME && apt-get --version && dpkg -s bash'],
    /^bookworm[\s\S]*apt 2[\s\S]*install ok installed/,
  ),
  'hello-world': prints([], /Hello from Docker!/),
  'slipway/shell-less': shellLess,
};
