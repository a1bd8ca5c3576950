import type { MiddlewareProfile } from './profile.ts';

/** Keeps nothing: every start is empty, whatever the version. */
export const memcached: MiddlewareProfile = {
  product: 'memcached',
  title: 'Memcached',
  repositories: ['library/memcached', 'bitnami/memcached', 'bitnamilegacy/memcached'],
  repository: 'library/memcached',
  port: 11211,
  url: (_environment, { host, port }) => `memcached://${host}:${port}`,
  known: ['1.6.38', '1.6.18', '1.6.9', '1.5', '1.4'],
};
