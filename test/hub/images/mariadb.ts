import { entrypoint, read, script } from '../entrypoints.ts';
import { type Recipe, type Suite, versionTags } from '../recipe.ts';

const MAIN_CONFIG = `[client-server]
socket = /run/mysqld/mysqld.sock
!includedir /etc/mysql/conf.d/
!includedir /etc/mysql/mariadb.conf.d/
`;

const SERVER_CONFIG = `[mariadb]
datadir = /var/lib/mysql
pid-file = /run/mysqld/mysqld.pid
skip-name-resolve
`;

interface Server {
  readonly version: string;
  readonly suite: Suite;
  readonly core: string;
  readonly latest?: true;
}

function mariadb({ version, suite, core, latest }: Server): Recipe {
  return {
    id: `mariadb:${version}`,
    rootfs: {
      type: 'packages',
      suite,
      packages: ['mariadb-server', 'mariadb-backup', 'xz-utils'],
      // Debian's settings bind to loopback and expect its init script.
      exclude: ['etc/mysql/', 'etc/init.d/', 'usr/share/mysql-test/'],
    },
    version: { package: core },
    tags: (full) =>
      versionTags(full, {
        parts: version === '10.5' ? [2, 3] : [1, 2, 3],
        endings: ['', `-${suite}`],
        ...(latest ? { latest } : {}),
      }).concat(latest ? ['lts'] : []),
    users: [{ name: 'mysql', id: 999, home: '/var/lib/mysql' }],
    overlay: [
      entrypoint('mariadb'),
      script('usr/local/bin/healthcheck.sh', read('mariadb-healthcheck')),
      { type: 'file', path: 'etc/mysql/my.cnf', text: MAIN_CONFIG },
      { type: 'file', path: 'etc/mysql/mariadb.conf.d/05-server.cnf', text: SERVER_CONFIG },
      { type: 'folder', path: 'etc/mysql/conf.d' },
      { type: 'folder', path: 'docker-entrypoint-initdb.d' },
      { type: 'folder', path: 'var/lib/mysql', owner: 999, mode: 0o1777 },
      { type: 'folder', path: 'run/mysqld', owner: 999, mode: 0o1777 },
    ],
    config: {
      env: { LANG: 'C.UTF-8', MARIADB_MAJOR: version },
      entrypoint: ['docker-entrypoint.sh'],
      cmd: ['mariadbd'],
      expose: ['3306'],
      volumes: ['/var/lib/mysql'],
    },
  };
}

export const MARIADB: readonly Recipe[] = [
  mariadb({ version: '10.11', suite: 'bookworm', core: 'mariadb-server-core' }),
  mariadb({ version: '10.5', suite: 'bullseye', core: 'mariadb-server-core-10.5' }),
  mariadb({ version: '11.8', suite: 'trixie', core: 'mariadb-server-core', latest: true }),
];
