import type { DataMarker, DataProfile, Environment, MiddlewareProfile } from '../profile.ts';
import { fingerprintMariadb } from './fingerprint.ts';
import { mariadbSize, moveMariadb } from './move.ts';
import { setMariadbPassword } from './setPassword.ts';

/**
 * MariaDB and MySQL: a newer server upgrades the files of an older one in place, and no older one reads them again.
 * Source: mariadb.com/kb (upgrading), docker-library/mariadb and /mysql.
 */
function data(product: 'mariadb' | 'mysql'): DataProfile {
  return {
    // Within one series (10.11, 8.4) patches share the format; between series an upgrade is one-way.
    lane: (version) => version.numbers.slice(0, 2).join('.'),
    mountPath: () => '/var/lib/mysql',
    markers:
      product === 'mariadb'
        ? [marker('mariadb_upgrade_info'), marker('mysql_upgrade_info')]
        : [marker('mysql_upgrade_history'), marker('mysql_upgrade_info')],
    opens: (version, lane) => {
      const own = version.numbers.slice(0, 2).join('.');
      if (own === lane) return 'yes';
      return newer(version.numbers, lane.split('.').map(Number)) ? 'one-way' : 'no';
    },
    traps: ({ data: choice }) =>
      choice === 'resume'
        ? ['A password that was changed in the compose file since then is not the one in that data.']
        : [],
    carry: {
      how: 'Dumped with its users, routines, triggers and events, restored into a new volume, compared table by table.',
      prepareTarget: (environment) => withoutDatabase(environment),
      move: moveMariadb,
      fingerprint: fingerprintMariadb,
      size: mariadbSize,
    },
  };
}

export const mariadb: MiddlewareProfile = {
  product: 'mariadb',
  title: 'MariaDB',
  repositories: [
    'library/mariadb',
    'bitnami/mariadb',
    'bitnamilegacy/mariadb',
    'linuxserver/mariadb',
    'cimg/mariadb',
  ],
  repository: 'library/mariadb',
  port: 3306,
  data: data('mariadb'),
  // The temporary server of the first start does not listen on TCP.
  startsTwice: true,
  probe,
  // The password is expanded inside the container and handed over in the environment: it stands on no command line.
  setPassword: setMariadbPassword,
  client: (environment) => [
    'sh',
    '-c',
    `MYSQL_PWD="$${passwordVariable(environment)}" exec "$(command -v mariadb || command -v mysql)" --user="$0" $1`,
    user(environment),
    database(environment),
  ],
  url,
  // Source: mariadb.org/about/#maintenance-policy.
  endOfLife: {
    '10.5': '2025-06-24',
    '10.6': '2026-07-06',
    '10.11': '2028-02-16',
    '11.4': '2029-05-29',
    '11.8': '2028-06-04',
  },
  known: ['11.8', '11.4', '10.11', '10.6', '10.5'],
};

export const mysql: MiddlewareProfile = {
  ...mariadb,
  product: 'mysql',
  title: 'MySQL',
  repositories: [
    'library/mysql',
    'mysql/mysql-server',
    'mysql/community-server',
    'bitnami/mysql',
    'bitnamilegacy/mysql',
    'library/percona',
    'percona/percona-server',
    'cimg/mysql',
  ],
  repository: 'library/mysql',
  data: {
    ...data('mysql'),
    unproved:
      'The carry has been tried with servers of MariaDB, not with MySQL itself; both sides are compared, and a difference takes the switch back.',
  },
  endOfLife: { '5.7': '2023-10-21', '8.0': '2026-04-30', '8.4': '2032-04-30' },
  known: ['9.4', '8.4', '8.0', '5.7'],
};

/**
 * Asks as the application's own user, since the server writes a warning for every login that it refuses. That is an answer too: the
 * data may be of another password.
 */
function probe(environment: Environment): readonly string[] {
  const password = passwordVariable(environment);
  const script = `
    admin="$(command -v mariadb-admin || command -v mysqladmin)"
    ask() { "$admin" "$@" -h127.0.0.1 ping 2>&1; }
    export MYSQL_PWD="$${password}"
    if [ -z "$MYSQL_PWD" ] && [ -r "$${password}_FILE" ]; then MYSQL_PWD="$(cat "$${password}_FILE")"; fi
    ask -u"$0" | grep -q alive || MYSQL_PWD= ask | grep -q -e alive -e denied`;
  return ['sh', '-c', script, user(environment)];
}

function user(environment: Environment): string {
  return environment['MARIADB_USER'] || environment['MYSQL_USER'] || 'root';
}

function database(environment: Environment): string {
  return environment['MARIADB_DATABASE'] || environment['MYSQL_DATABASE'] || '';
}

function passwordVariable(environment: Environment): string {
  const isMariadb = Object.keys(environment).some((name) => /^MARIADB_(?:ROOT_)?PASSWORD/.test(name));
  const prefix = isMariadb ? 'MARIADB' : 'MYSQL';
  return user(environment) === 'root' ? `${prefix}_ROOT_PASSWORD` : `${prefix}_PASSWORD`;
}

function url(environment: Environment, address: { readonly host: string; readonly port: number }): string {
  const password = environment[passwordVariable(environment)];
  const login = encodeURIComponent(user(environment)) + (password ? `:${encodeURIComponent(password)}` : '');
  return `mysql://${login}@${address.host}:${address.port}/${encodeURIComponent(database(environment))}`;
}

/** The dump brings its databases and users; the root password stays, since the empty server needs one. */
function withoutDatabase(environment: Environment): Environment {
  const gone = new Set([
    'MARIADB_DATABASE',
    'MYSQL_DATABASE',
    'MARIADB_USER',
    'MYSQL_USER',
    'MARIADB_PASSWORD',
    'MYSQL_PASSWORD',
    'MARIADB_PASSWORD_FILE',
    'MYSQL_PASSWORD_FILE',
    'MARIADB_USER_FILE',
    'MYSQL_USER_FILE',
    'MARIADB_DATABASE_FILE',
    'MYSQL_DATABASE_FILE',
  ]);
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !gone.has(name)));
}

function newer(a: readonly number[], b: readonly number[]): boolean {
  const [major = 0, minor = 0] = a;
  const [otherMajor = 0, otherMinor = 0] = b;
  return major !== otherMajor ? major > otherMajor : minor > otherMinor;
}

function marker(path: string): DataMarker {
  return {
    path,
    lane: (content) => /(\d+\.\d+)\.\d+/.exec(new TextDecoder().decode(content.subarray(0, 4096)))?.[1],
  };
}
