import { entrypoint } from '../entrypoints.ts';
import { type Recipe, type Suite, versionTags } from '../recipe.ts';

/** The compiler of expressions: 130 MB that no test needs; the server does without when it is absent. */
function jit(major: number): string[] {
  return [
    'usr/lib/x86_64-linux-gnu/libLLVM',
    'usr/lib/llvm-',
    'usr/lib/x86_64-linux-gnu/libz3',
    `usr/lib/postgresql/${major}/lib/bitcode/`,
    `usr/lib/postgresql/${major}/lib/llvmjit`,
  ];
}

function postgres(major: number, suite: Suite): Recipe {
  const data = major >= 18 ? `/var/lib/postgresql/${major}/docker` : '/var/lib/postgresql/data';
  const volume = major >= 18 ? '/var/lib/postgresql' : data;
  return {
    id: `postgres:${major}`,
    rootfs: {
      type: 'packages',
      suite,
      packages: [`postgresql-${major}`, 'xz-utils'],
      exclude: jit(major),
      edits: [
        {
          path: `usr/share/postgresql/${major}/postgresql.conf.sample`,
          line: '^#listen_addresses = .*',
          becomes: "listen_addresses = '*'",
        },
      ],
      locale: true,
    },
    version: { package: `postgresql-${major}` },
    tags: (version) =>
      versionTags(version, {
        parts: [1, 2],
        endings: ['', '-alpine', `-${suite}`],
        ...(major === 18 ? { latest: true } : {}),
      }),
    users: [{ name: 'postgres', id: 999, home: '/var/lib/postgresql' }],
    overlay: [
      entrypoint('postgres'),
      { type: 'folder', path: 'docker-entrypoint-initdb.d' },
      { type: 'folder', path: 'var/run/postgresql', owner: 999, mode: 0o3777 },
      { type: 'folder', path: data.slice(1), owner: 999, mode: major >= 18 ? 0o700 : 0o1777 },
    ],
    config: {
      env: {
        PATH: `/usr/lib/postgresql/${major}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
        LANG: 'en_US.utf8',
        PG_MAJOR: String(major),
        PGDATA: data,
      },
      entrypoint: ['docker-entrypoint.sh'],
      cmd: ['postgres'],
      expose: ['5432'],
      volumes: [volume],
      stopSignal: 'SIGINT',
    },
  };
}

export const POSTGRES: readonly Recipe[] = [
  postgres(15, 'bookworm'),
  postgres(17, 'trixie'),
  postgres(13, 'bullseye'),
  postgres(18, 'forky'),
];
