import type { Overlay, Recipe } from '../recipe.ts';

/** Where Debian's packages are for everybody; the machine's own mirror stays out of the image. */
const SOURCES: Overlay = {
  type: 'file',
  path: 'etc/apt/sources.list.d/debian.sources',
  text: [
    'Types: deb',
    'URIs: http://deb.debian.org/debian',
    'Suites: bookworm bookworm-updates',
    'Components: main',
    'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg',
    '',
  ].join('\n'),
};

const debian: Recipe = {
  id: 'debian:bookworm',
  rootfs: { type: 'whole', suite: 'bookworm', packages: ['procps', 'ca-certificates'], complete: true },
  version: { exactly: '12' },
  tags: () => ['12', '12-slim', 'bookworm-slim', 'stable', 'stable-slim', 'latest'],
  overlay: [
    SOURCES,
    { type: 'folder', path: 'var/lib/apt/lists/partial' },
    { type: 'folder', path: 'var/cache/apt/archives/partial' },
    { type: 'folder', path: 'var/log/apt' },
  ],
  config: { cmd: ['bash'] },
};

const busybox: Recipe = {
  id: 'busybox:1',
  rootfs: {
    type: 'whole',
    suite: 'bookworm',
    packages: ['busybox-static'],
    only: ['bin', 'sbin', 'lib', 'usr/bin', 'usr/sbin', 'etc/passwd', 'etc/group'],
    hooks: [
      'chroot "$1" /bin/busybox --install -s /usr/bin',
      'mkdir -p "$1/etc" && printf "root:x:0:0:root:/root:/bin/sh\\nnobody:x:65534:65534:nobody:/home:/bin/false\\n" > "$1/etc/passwd"',
      'printf "root:x:0:\\nnobody:x:65534:\\n" > "$1/etc/group"',
    ],
  },
  version: { package: 'busybox-static' },
  tags: (version) => [
    version,
    version.split('.').slice(0, 2).join('.'),
    'stable',
    'latest',
    'musl',
    'glibc',
    'uclibc',
  ],
  overlay: [
    { type: 'folder', path: 'tmp', mode: 0o1777 },
    { type: 'folder', path: 'root', mode: 0o700 },
    { type: 'folder', path: 'var/spool/cron/crontabs' },
  ],
  config: { cmd: ['sh'] },
};

/** Programs that take a terminal over, for the tests of shells; on Docker Hub there is no such image. */
const screenPrograms: Recipe = {
  id: 'slipway/screen-programs:1',
  rootfs: {
    type: 'whole',
    suite: 'bookworm',
    packages: ['vim-tiny', 'less', 'procps', 'bash', 'coreutils', 'ncurses-base', 'libc-bin'],
  },
  version: { exactly: '1' },
  tags: () => [],
  overlay: [
    { type: 'folder', path: 'tmp', mode: 0o1777 },
    { type: 'folder', path: 'root', mode: 0o700 },
  ],
  config: { cmd: ['bash'] },
};

export const SYSTEMS: readonly Recipe[] = [debian, busybox, screenPrograms];
