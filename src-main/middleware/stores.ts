import type { DataProfile, MiddlewareProfile } from './profile.ts';

/**
 * Products whose data Slipway keeps apart by version but does not carry: each line of versions has its own volume, so that
 * going back always works, and the user is told that the new one starts empty.
 */
function apart(mountPath: string, numbers: number, whyNoCarry: string): DataProfile {
  return {
    lane: (version) => version.numbers.slice(0, numbers).join('.'),
    mountPath: () => mountPath,
    markers: [],
    opens: (version, lane) => (version.numbers.slice(0, numbers).join('.') === lane ? 'yes' : 'one-way'),
    whyNoCarry,
    unproved: 'Each version on a volume of its own has not been tried with real servers of this product.',
  };
}

export const mongodb: MiddlewareProfile = {
  product: 'mongodb',
  title: 'MongoDB',
  repositories: [
    'library/mongo',
    'mongodb/mongodb-community-server',
    'bitnami/mongodb',
    'bitnamilegacy/mongodb',
    'percona/percona-server-mongodb',
  ],
  repository: 'library/mongo',
  port: 27017,
  data: apart('/data/db', 2, 'A carry needs mongodump, which the image does not hold in every version.'),
  probe: () => [
    'sh',
    '-c',
    '(mongosh --quiet --eval "db.adminCommand({ping:1}).ok" || mongo --quiet --eval "db.adminCommand({ping:1}).ok") | grep -q 1',
  ],
  client: () => ['sh', '-c', 'exec "$(command -v mongosh || command -v mongo)"'],
  url: (environment, { host, port }) => {
    const user = environment['MONGO_INITDB_ROOT_USERNAME'];
    const password = environment['MONGO_INITDB_ROOT_PASSWORD'] ?? '';
    return `mongodb://${user ? `${encodeURIComponent(user)}:${encodeURIComponent(password)}@` : ''}${host}:${port}/`;
  },
  // Source: mongodb.com/legal/support-policy/lifecycles.
  endOfLife: {
    '4.4': '2024-02-29',
    '5.0': '2024-10-31',
    '6.0': '2025-07-31',
    '7.0': '2027-08-31',
    '8.0': '2029-10-31',
  },
  known: ['8.0', '7.0', '6.0', '5.0', '4.4'],
};

export const elasticsearch: MiddlewareProfile = {
  product: 'elasticsearch',
  title: 'Elasticsearch',
  repositories: [
    'library/elasticsearch',
    'elasticsearch/elasticsearch',
    'elastic/elasticsearch',
    'barnybug/elasticsearch',
    'bitnami/elasticsearch',
    'bitnamilegacy/elasticsearch',
  ],
  repository: 'library/elasticsearch',
  port: 9200,
  data: apart(
    '/usr/share/elasticsearch/data',
    1,
    'A newer server upgrades its indexes in place; between versions use a snapshot or reindex.',
  ),
  probe: () => [
    'sh',
    '-c',
    'curl -s -o /dev/null http://127.0.0.1:9200 || curl -sk -o /dev/null https://127.0.0.1:9200',
  ],
  url: (_environment, { host, port }) => `http://${host}:${port}`,
  known: ['9.1.0', '8.19.0', '7.17.29'],
};

export const opensearch: MiddlewareProfile = {
  ...elasticsearch,
  product: 'opensearch',
  title: 'OpenSearch',
  repositories: ['opensearchproject/opensearch', 'bitnami/opensearch', 'bitnamilegacy/opensearch'],
  repository: 'opensearchproject/opensearch',
  data: apart(
    '/usr/share/opensearch/data',
    1,
    'A newer server upgrades its indexes in place; between versions use a snapshot or reindex.',
  ),
  known: ['3', '2', '1'],
};

export const nats: MiddlewareProfile = {
  product: 'nats',
  title: 'NATS',
  repositories: ['library/nats', 'bitnami/nats', 'bitnamilegacy/nats'],
  repository: 'library/nats',
  port: 4222,
  data: apart(
    '/data',
    2,
    'The image holds no client that could read JetStream; use `nats stream backup` between versions.',
  ),
  url: (_environment, { host, port }) => `nats://${host}:${port}`,
  known: ['2.12', '2.11', '2.10', '2.9'],
};

export const kafka: MiddlewareProfile = {
  product: 'kafka',
  title: 'Kafka',
  repositories: [
    'apache/kafka',
    'apache/kafka-native',
    'confluentinc/cp-kafka',
    'confluentinc/confluent-local',
    'bitnami/kafka',
    'bitnamilegacy/kafka',
    'wurstmeister/kafka',
  ],
  repository: 'apache/kafka',
  port: 9092,
  data: apart('/var/lib/kafka/data', 1, 'Topics are not carried: the new version starts without messages.'),
  url: (_environment, { host, port }) => `${host}:${port}`,
  known: ['4.1.0', '4.0.0', '3.9.1'],
};

export const minio: MiddlewareProfile = {
  product: 'minio',
  title: 'MinIO',
  repositories: ['minio/minio', 'bitnami/minio', 'bitnamilegacy/minio'],
  repository: 'minio/minio',
  port: 9000,
  // Releases are dates and share one format.
  data: {
    lane: () => 'xl',
    mountPath: () => '/data',
    markers: [],
    opens: () => 'yes',
    unproved:
      'That its releases share one format is what MinIO says; it has not been tried with real servers.',
  },
  url: (_environment, { host, port }) => `http://${host}:${port}`,
  known: [],
};

export const etcd: MiddlewareProfile = {
  product: 'etcd',
  title: 'etcd',
  repositories: [
    'coreos/etcd',
    'etcd-development/etcd',
    'bitnami/etcd',
    'bitnamilegacy/etcd',
    'library/etcd',
  ],
  repository: 'coreos/etcd',
  port: 2379,
  data: apart(
    '/var/lib/etcd',
    2,
    'A newer server upgrades its files in place; keys and leases stay behind: use `etcdctl snapshot` between versions.',
  ),
  probe: () => ['etcdctl', 'endpoint', 'health'],
  url: (_environment, { host, port }) => `http://${host}:${port}`,
  known: ['3.6', '3.5', '3.4'],
};
