import { parseImageReference } from '#base/imageReference.ts';
import { consul } from './consul.ts';
import { mariadb, mysql } from './mariadb/mariadb.ts';
import { memcached } from './memcached.ts';
import { postgres } from './postgres/postgres.ts';
import type { MiddlewareProfile } from './profile.ts';
import { haproxy, nginx } from './proxies.ts';
import { rabbitmq } from './rabbitmq.ts';
import { redis, valkey } from './redis/redis.ts';
import { elasticsearch, etcd, kafka, minio, mongodb, nats, opensearch } from './stores.ts';
import { parseVersion, type Version } from './version.ts';

/** Every product that Slipway knows. */
export const PROFILES: readonly MiddlewareProfile[] = [
  postgres,
  mysql,
  mariadb,
  redis,
  valkey,
  memcached,
  rabbitmq,
  mongodb,
  elasticsearch,
  opensearch,
  nats,
  kafka,
  minio,
  etcd,
  consul,
  nginx,
  haproxy,
];

export interface Recognised {
  readonly profile: MiddlewareProfile;
  /** Undefined where the tag names none (`latest`, a digest). */
  readonly version?: Version | undefined;
}

/**
 * Which product an image is: by its repository on any registry (mirrors keep the path), or as the file declares it with
 * `x-slipway: { middleware: postgres }`. Undefined: not middleware that we know.
 */
export function recognise(image: string | undefined, declared?: string): Recognised | undefined {
  const reference = image === undefined ? undefined : parseImageReference(image);
  const version = reference?.tag === undefined ? undefined : parseVersion(reference.tag);
  const named = PROFILES.find((profile) => profile.product === declared);
  if (named) return { profile: named, version };
  if (!reference) return undefined;
  const profile = PROFILES.find((candidate) =>
    candidate.repositories.some((repository) => matches(reference.repository, repository)),
  );
  return profile && { profile, version };
}

/** `library/postgres` also stands as `postgres` or `mirror/library/postgres` on other registries. */
function matches(repository: string, known: string): boolean {
  if (repository === known || repository.endsWith(`/${known}`)) return true;
  const official = known.startsWith('library/') ? known.slice('library/'.length) : undefined;
  return official !== undefined && repository === official;
}
