import type { Overlay, Suite, User, WholeRootfs } from './recipe.ts';

/** What every image of a suite stands on, as one shared layer. */
const BASE_PACKAGES = [
  'base-files',
  'bash',
  'bsdutils',
  'ca-certificates',
  'coreutils',
  'dash',
  'debianutils',
  'diffutils',
  'findutils',
  'grep',
  'gzip',
  'hostname',
  'libc-bin',
  'login',
  'mawk',
  'ncurses-base',
  'ncurses-bin',
  'netbase',
  'passwd',
  'perl-base',
  'procps',
  'sed',
  'tar',
  'tzdata',
  'util-linux',
] as const;

/** Documentation and build leftovers that no image needs. */
export const NEVER = [
  'dev/',
  'proc/',
  'sys/',
  'etc/apt/sources.list',
  'etc/apt/apt.conf.d/99mmdebstrap',
  'usr/share/doc/',
  'usr/share/man/',
  'usr/share/info/',
  'usr/share/lintian/',
  'usr/share/i18n/',
  'usr/share/locale/',
  'usr/share/bug/',
  'var/cache/apt/',
  'var/lib/apt/',
  'var/log/apt',
  'var/cache/debconf/',
  'tmp/',
] as const;

/** The packages of the layer that all images of a suite share. */
export function basePackages(): readonly string[] {
  return BASE_PACKAGES;
}

/** The locale that the official images of databases use. It has to be compiled by the release's own program. */
export function localeRootfs(suite: Suite): WholeRootfs {
  return {
    type: 'whole',
    suite,
    packages: ['base-files', 'libc-bin', 'locales'],
    only: ['usr/lib/locale/locale-archive'],
    hooks: [
      'gunzip "$1/usr/share/i18n/charmaps/UTF-8.gz"',
      'mkdir -p "$1/usr/lib/locale"',
      'chroot "$1" localedef -i en_US -c -f UTF-8 en_US.UTF-8',
    ],
  };
}

/** Debian's static accounts (base-passwd makes them when it is configured, which unpacking does not). */
const SYSTEM_ACCOUNTS: readonly (readonly [string, number, string])[] = [
  ['daemon', 1, '/usr/sbin'],
  ['bin', 2, '/bin'],
  ['sys', 3, '/dev'],
  ['games', 5, '/usr/games'],
  ['man', 6, '/var/cache/man'],
  ['lp', 7, '/var/spool/lpd'],
  ['mail', 8, '/var/mail'],
  ['news', 9, '/var/spool/news'],
  ['uucp', 10, '/var/spool/uucp'],
  ['proxy', 13, '/bin'],
  ['www-data', 33, '/var/www'],
  ['backup', 34, '/var/backups'],
  ['list', 38, '/var/list'],
  ['irc', 39, '/run/ircd'],
  ['_apt', 42, '/nonexistent'],
  ['nobody', 65534, '/nonexistent'],
];

const SYSTEM_GROUPS: readonly (readonly [string, number])[] = [
  ['adm', 4],
  ['tty', 5],
  ['disk', 6],
  ['dialout', 20],
  ['sudo', 27],
  ['audio', 29],
  ['video', 44],
  ['staff', 50],
  ['users', 100],
  ['nogroup', 65534],
];

/** The files that maintainer scripts would have made: accounts, name service, the links of alternatives. */
export function baseOverlay(users: readonly User[]): Overlay[] {
  return [
    { type: 'file', path: 'etc/passwd', text: passwd(users) },
    { type: 'file', path: 'etc/group', text: group(users) },
    { type: 'file', path: 'etc/shadow', text: 'root:*:19000:0:99999:7:::\n', mode: 0o640 },
    { type: 'file', path: 'etc/nsswitch.conf', text: NAME_SERVICE },
    { type: 'link', path: 'usr/bin/awk', to: 'mawk' },
    { type: 'link', path: 'usr/bin/which', to: 'which.debianutils' },
    { type: 'folder', path: 'tmp', mode: 0o1777 },
    { type: 'folder', path: 'run/lock', mode: 0o1777 },
    { type: 'folder', path: 'root', mode: 0o700 },
    { type: 'file', path: 'root/.bashrc', text: "PS1='\\u@\\h:\\w\\$ '\nalias ll='ls -l'\n" },
    ...users.map((user): Overlay => ({ type: 'folder', path: user.home.slice(1), owner: user.id })),
  ];
}

const NAME_SERVICE =
  'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nnetworks: files\nprotocols: files\nservices: files\n';

function passwd(users: readonly User[]): string {
  const system = SYSTEM_ACCOUNTS.map(
    ([name, id, home]) =>
      `${name}:x:${id}:${name === 'nobody' ? 65534 : id}:${name}:${home}:/usr/sbin/nologin`,
  );
  const own = users.map((user) => `${user.name}:x:${user.id}:${user.id}::${user.home}:/bin/sh`);
  return ['root:x:0:0:root:/root:/bin/bash', ...system, ...own, ''].join('\n');
}

function group(users: readonly User[]): string {
  const names = SYSTEM_ACCOUNTS.filter(
    ([name]) => name !== 'nobody' && name !== 'games' && name !== 'sys',
  ).map(([name, id]) => [name, id] as const);
  const own = users.map((user) => [user.name, user.id] as const);
  const all = [
    ['root', 0] as const,
    ...names,
    ['sys', 3] as const,
    ['games', 60] as const,
    ...SYSTEM_GROUPS,
    ...own,
  ];
  return [...all.map(([name, id]) => `${name}:x:${id}:`), ''].join('\n');
}
