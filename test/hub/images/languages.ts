import { entrypoint } from '../entrypoints.ts';
import { type Overlay, type Recipe, type Suite, versionTags } from '../recipe.ts';

/** What Dockerfiles and healthchecks of every language take for granted. */
const TOOLS = ['curl', 'wget'];

interface Python {
  readonly version: string;
  readonly suite: Suite;
  /** Libraries baked in, because no package index can be reached where the hub is needed. */
  readonly libraries: readonly string[];
  readonly latest?: true;
}

function python({ version, suite, libraries, latest }: Python): Recipe {
  return {
    id: `python:${version}`,
    rootfs: {
      type: 'packages',
      suite,
      packages: [`python${version}`, 'python3', 'python3-pip', 'python3-venv', ...libraries, ...TOOLS],
      // With this file pip refuses to install anything, which it does in the official image.
      exclude: [`usr/lib/python${version}/EXTERNALLY-MANAGED`],
    },
    version: { package: `python${version}` },
    tags: (full) =>
      versionTags(full, {
        parts: latest ? [1, 2, 3] : [2, 3],
        endings: ['', '-slim', '-alpine', `-${suite}`, `-slim-${suite}`],
        ...(latest ? { latest } : {}),
      }),
    overlay: [
      { type: 'link', path: 'usr/local/bin/python', to: '/usr/bin/python3' },
      { type: 'link', path: 'usr/local/bin/python3', to: '/usr/bin/python3' },
      { type: 'link', path: 'usr/local/bin/pip', to: '/usr/bin/pip3' },
    ],
    config: { env: { LANG: 'C.UTF-8', PYTHON_VERSION: version }, cmd: ['python3'] },
  };
}

interface Node {
  readonly major: number;
  readonly suite: Suite;
  readonly npm: string;
  readonly libraries?: readonly string[];
  readonly latest?: true;
}

function node({ major, suite, npm, libraries = [], latest }: Node): Recipe {
  return {
    id: `node:${major}`,
    rootfs: { type: 'packages', suite, packages: ['nodejs', ...libraries, ...TOOLS] },
    version: { package: 'nodejs' },
    tags: (full) =>
      versionTags(full, {
        parts: [1, 2, 3],
        endings: ['', '-slim', '-alpine', `-${suite}`, `-${suite}-slim`],
        ...(latest ? { latest } : {}),
      }).concat(latest ? ['lts', 'lts-alpine', 'lts-slim', 'current'] : []),
    users: [{ name: 'node', id: 1000, home: '/home/node' }],
    overlay: [
      entrypoint('node'),
      ...npmPackage('npm', npm, { npm: 'bin/npm-cli.js', npx: 'bin/npx-cli.js' }),
      ...npmPackage('yarn', '1.22.22', { yarn: 'bin/yarn.js', yarnpkg: 'bin/yarn.js' }),
      { type: 'link', path: 'usr/local/bin/node', to: '/usr/bin/node' },
      { type: 'link', path: 'usr/local/bin/nodejs', to: '/usr/bin/node' },
    ],
    config: {
      env: { NODE_VERSION: String(major), npm_config_update_notifier: 'false' },
      entrypoint: ['docker-entrypoint.sh'],
      cmd: ['node'],
    },
  };
}

function npmPackage(name: string, version: string, programs: Readonly<Record<string, string>>): Overlay[] {
  return [
    { type: 'npm', path: `usr/local/lib/node_modules/${name}`, name, version },
    ...Object.entries(programs).map(
      ([program, file]): Overlay => ({
        type: 'link',
        path: `usr/local/bin/${program}`,
        to: `../lib/node_modules/${name}/${file}`,
      }),
    ),
  ];
}

const ruby: Recipe = {
  id: 'ruby:3.1',
  rootfs: {
    type: 'packages',
    suite: 'bookworm',
    packages: ['ruby', 'bundler', 'ruby-pg', 'ruby-bunny', 'ruby-redis', 'ruby-webrick', ...TOOLS],
  },
  version: { package: 'ruby3.1' },
  tags: (full) =>
    versionTags(full, {
      parts: [1, 2, 3],
      endings: ['', '-slim', '-alpine', '-bookworm', '-slim-bookworm'],
      latest: true,
    }),
  overlay: [{ type: 'folder', path: 'usr/local/bundle', mode: 0o1777 }],
  config: {
    env: {
      PATH: '/usr/local/bundle/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      LANG: 'C.UTF-8',
      GEM_HOME: '/usr/local/bundle',
      BUNDLE_SILENCE_ROOT_WARNING: '1',
      BUNDLE_APP_CONFIG: '/usr/local/bundle',
    },
    cmd: ['irb'],
  },
};

const golang: Recipe = {
  id: 'golang:1.19',
  rootfs: {
    type: 'packages',
    suite: 'bookworm',
    packages: ['golang-1.19-go', 'gcc', 'libc6-dev', 'git', ...TOOLS],
  },
  version: { package: 'golang-1.19-go' },
  tags: (full) =>
    versionTags(full, { parts: [1, 2, 3], endings: ['', '-alpine', '-bookworm'], latest: true }),
  overlay: [
    { type: 'link', path: 'usr/local/go', to: '/usr/lib/go-1.19' },
    { type: 'folder', path: 'go', mode: 0o1777 },
    { type: 'folder', path: 'go/src', mode: 0o1777 },
    { type: 'folder', path: 'go/bin', mode: 0o1777 },
  ],
  config: {
    env: {
      PATH: '/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      GOLANG_VERSION: '1.19',
      GOPATH: '/go',
    },
    cmd: ['bash'],
    workdir: '/go',
  },
};

export const LANGUAGES: readonly Recipe[] = [
  python({
    version: '3.11',
    suite: 'bookworm',
    libraries: [
      'python3-psycopg2',
      'python3-pika',
      'python3-redis',
      'python3-pymysql',
      'python3-flask',
      'python3-requests',
      'gunicorn',
    ],
  }),
  python({ version: '3.13', suite: 'trixie', libraries: [], latest: true }),
  node({ major: 20, suite: 'trixie', npm: '10.9.9', libraries: ['node-pg', 'node-redis'] }),
  node({ major: 18, suite: 'bookworm', npm: '10.9.9' }),
  node({ major: 24, suite: 'forky', npm: '11.21.2', latest: true }),
  ruby,
  golang,
];
