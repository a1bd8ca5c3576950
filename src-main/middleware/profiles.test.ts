import { describe, expect, it } from 'vitest';
import { PROFILES, recognise } from './profiles.ts';
import { compareVersions, isPreRelease, parseVersion, variantFamily } from './version.ts';

describe('recognise', () => {
  it.each([
    ['postgres', 'postgres', undefined],
    ['postgres:15', 'postgres', '15'],
    ['docker.io/library/postgres:15.4-alpine3.18', 'postgres', '15.4'],
    ['localhost:5000/library/postgres:13', 'postgres', '13'],
    ['mirror.example.com/postgres:16', 'postgres', '16'],
    ['postgis/postgis:15-3.3', 'postgres', '15'],
    ['public.ecr.aws/docker/library/redis:7.0', 'redis', '7.0'],
    ['valkey/valkey:8.1', 'valkey', '8.1'],
    ['mysql:8.0', 'mysql', '8.0'],
    ['rabbitmq:3.10-management', 'rabbitmq', '3.10'],
    ['docker.elastic.co/elasticsearch/elasticsearch:7.17.0', 'elasticsearch', '7.17.0'],
    ['docker.io/postgres:16', 'postgres', '16'],
    ['index.docker.io/library/postgres:16', 'postgres', '16'],
    ['timescale/timescaledb:2.14.2-pg15-oss', 'postgres', '15'],
    ['timescale/timescaledb-ha:pg16.3-ts2.15', 'postgres', '16.3'],
    ['timescale/timescaledb:latest-pg14', 'postgres', '14'],
    ['pgvector/pgvector:pg17', 'postgres', '17'],
    ['bitnami/postgresql:16.4.0-debian-12-r2', 'postgres', '16.4.0'],
    ['bitnamilegacy/redis:7.2', 'redis', '7.2'],
    ['mysql/mysql-server:8.0', 'mysql', '8.0'],
    ['container-registry.oracle.com/mysql/community-server:8.4', 'mysql', '8.4'],
    ['percona/percona-server:8.0.36', 'mysql', '8.0.36'],
    ['ghcr.io/acme/library/mariadb:10.11', 'mariadb', '10.11'],
    ['memcached:1.6-alpine', 'memcached', '1.6'],
    ['mongo:7.0-jammy', 'mongodb', '7.0'],
    ['opensearchproject/opensearch:2', 'opensearch', '2'],
    ['nats:2.10-alpine', 'nats', '2.10'],
    ['confluentinc/cp-kafka:7.6.1', 'kafka', '7.6.1'],
    ['quay.io/coreos/etcd:v3.5.12', 'etcd', '3.5.12'],
    ['gcr.io/etcd-development/etcd:v3.5.12', 'etcd', '3.5.12'],
    ['hashicorp/consul:1.20', 'consul', '1.20'],
    ['nginxinc/nginx-unprivileged:1.26-alpine', 'nginx', '1.26'],
    ['haproxytech/haproxy-alpine:3.0', 'haproxy', '3.0'],
    [
      'postgres@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
      'postgres',
      undefined,
    ],
    ['quay.io/minio/minio:RELEASE.2024-01-01T00-00-00Z', 'minio', undefined],
  ])('knows %s', (image, product, version) => {
    const found = recognise(image);
    expect(found?.profile.product).toBe(product);
    expect(found?.version?.numbers.join('.')).toBe(version);
  });

  it.each(['acme/postgres-backup', 'acme/api:1', 'my-redis', '', 'UPPER:1'])(
    'does not take %j for middleware',
    (image) => {
      expect(recognise(image)).toBeUndefined();
    },
  );

  /** As people write an image: from the hub, by its full name, through a mirror, from a registry with a port or a digest. */
  const SPELLINGS = [
    (repository: string) => repository,
    (repository: string) => `docker.io/${repository}`,
    (repository: string) => `index.docker.io/${repository}`,
    (repository: string) => `localhost:5000/${repository}`,
    (repository: string) => `public.ecr.aws/docker/${repository}`,
    (repository: string) => `registry.example.com:5000/mirror/${repository}`,
    (repository: string) => `123456789012.dkr.ecr.eu-west-1.amazonaws.com/docker-hub/${repository}`,
  ];
  const EVERY = PROFILES.flatMap(({ product, repositories }) =>
    repositories.map((repository) => [product, repository] as const),
  );

  it.each(EVERY)('knows %s by %s in every usual spelling', (product, repository) => {
    const short = repository.replace(/^library\//, '');
    const names = [...SPELLINGS.map((spell) => spell(repository)), short, `docker.io/${short}`];
    for (const name of names)
      for (const tail of ['', ':1.2', ':latest', `@sha256:${'ab'.repeat(32)}`])
        expect([name + tail, recognise(name + tail)?.profile.product]).toEqual([name + tail, product]);
  });

  it('has every product of the list, each with the names that its vendor and Bitnami use', () => {
    const usual: Readonly<Record<string, readonly string[]>> = {
      postgres: [
        'postgres',
        'bitnami/postgresql',
        'postgis/postgis',
        'timescale/timescaledb',
        'pgvector/pgvector',
      ],
      mysql: ['mysql', 'bitnami/mysql', 'percona'],
      mariadb: ['mariadb', 'bitnami/mariadb', 'lscr.io/linuxserver/mariadb'],
      redis: ['redis', 'bitnami/redis', 'redis/redis-stack-server'],
      valkey: ['valkey/valkey', 'bitnami/valkey'],
      memcached: ['memcached', 'bitnami/memcached'],
      rabbitmq: ['rabbitmq', 'bitnami/rabbitmq'],
      mongodb: ['mongo', 'bitnami/mongodb', 'mongodb/mongodb-community-server'],
      elasticsearch: [
        'elasticsearch',
        'docker.elastic.co/elasticsearch/elasticsearch',
        'bitnami/elasticsearch',
      ],
      opensearch: ['opensearchproject/opensearch', 'bitnami/opensearch'],
      nats: ['nats', 'bitnami/nats'],
      kafka: ['apache/kafka', 'bitnami/kafka', 'confluentinc/cp-kafka', 'wurstmeister/kafka'],
      minio: ['minio/minio', 'quay.io/minio/minio', 'bitnami/minio'],
      etcd: ['quay.io/coreos/etcd', 'gcr.io/etcd-development/etcd', 'bitnami/etcd'],
      consul: ['consul', 'hashicorp/consul', 'bitnami/consul'],
      nginx: ['nginx', 'nginxinc/nginx-unprivileged', 'bitnami/nginx'],
      haproxy: ['haproxy', 'haproxytech/haproxy-alpine', 'bitnami/haproxy'],
    };
    expect(Object.keys(usual).sort()).toEqual(PROFILES.map(({ product }) => product).sort());
    for (const [product, images] of Object.entries(usual))
      for (const image of images)
        expect([image, recognise(image)?.profile.product]).toEqual([image, product]);
  });

  it('believes a declaration', () => {
    expect(recognise('acme/our-database:15', 'postgres')?.profile.product).toBe('postgres');
  });
});

describe('versions', () => {
  it('sorts as versions, newest first', () => {
    const tags = ['9.6', '15', '15.4', '10.1', '15.10'];
    expect(
      tags
        .map(parseVersion)
        .flatMap((version) => version ?? [])
        .sort(compareVersions)
        .map((version) => version.tag),
    ).toEqual(['15.10', '15.4', '15', '10.1', '9.6']);
  });

  it('folds variants to families', () => {
    expect(
      ['alpine3.18', 'alpine', 'bookworm', 'management-alpine', 'alpine-bookworm'].map(variantFamily),
    ).toEqual(['alpine', 'alpine', '', 'management-alpine', 'alpine']);
  });

  it('tells pre-releases', () => {
    expect(
      ['8.0-rc1', '19-beta2', '15-alpine'].map((tag) =>
        isPreRelease(parseVersion(tag) ?? { numbers: [], variant: '', tag }),
      ),
    ).toEqual([true, true, false]);
  });

  it('has one lane per major version of Postgres, and a moved directory from 18 on', () => {
    const data = PROFILES.find((profile) => profile.product === 'postgres')?.data;
    const of = (tag: string) => parseVersion(tag) ?? { numbers: [], variant: '', tag };
    expect([data?.lane(of('15.4')), data?.lane(of('15.10-alpine')), data?.lane(of('17'))]).toEqual([
      '15',
      '15',
      '17',
    ]);
    expect([data?.mountPath(of('17')), data?.mountPath(of('18'))]).toEqual([
      '/var/lib/postgresql/data',
      '/var/lib/postgresql',
    ]);
    expect(data?.opens(of('17'), '15')).toBe('no');
  });
});
