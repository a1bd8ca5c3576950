import { entrypoint } from '../entrypoints.ts';
import { type Recipe, type Suite, versionTags } from '../recipe.ts';

interface KeyValueStore {
  readonly product: 'redis' | 'valkey';
  readonly version: string;
  readonly suite: Suite;
  readonly repositories?: readonly string[];
  readonly latest?: true;
}

function store(it: KeyValueStore): Recipe {
  const server = `${it.product}-server`;
  return {
    id: `${it.product}:${it.version}`,
    ...(it.repositories === undefined ? {} : { repositories: it.repositories }),
    rootfs: { type: 'packages', suite: it.suite, packages: [server, `${it.product}-tools`] },
    version: { package: server },
    tags: (version) =>
      versionTags(version, {
        parts: [1, 2, 3],
        endings: ['', '-alpine', `-${it.suite}`],
        ...(it.latest ? { latest: true } : {}),
      }),
    users: [{ name: it.product, id: 999, home: `/home/${it.product}` }],
    overlay: [
      entrypoint('redis', { SERVER: server, OWNER: it.product }),
      { type: 'folder', path: 'data', owner: 999 },
    ],
    config: {
      entrypoint: ['docker-entrypoint.sh'],
      cmd: [server],
      expose: ['6379'],
      volumes: ['/data'],
      workdir: '/data',
    },
  };
}

export const REDIS: readonly Recipe[] = [
  store({ product: 'redis', version: '7.0', suite: 'bookworm' }),
  store({ product: 'redis', version: '6.0', suite: 'bullseye' }),
  store({ product: 'redis', version: '8.0', suite: 'trixie', latest: true }),
  store({
    product: 'valkey',
    version: '8.1',
    suite: 'trixie',
    repositories: ['valkey/valkey', 'library/valkey'],
    latest: true,
  }),
];
