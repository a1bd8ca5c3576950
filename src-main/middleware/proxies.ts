import type { MiddlewareProfile } from './profile.ts';

/** Servers whose data is their configuration, which the project brings. */
export const nginx: MiddlewareProfile = {
  product: 'nginx',
  title: 'nginx',
  repositories: [
    'library/nginx',
    'nginxinc/nginx-unprivileged',
    'bitnami/nginx',
    'bitnamilegacy/nginx',
    'openresty/openresty',
  ],
  repository: 'library/nginx',
  port: 80,
  url: (_environment, { host, port }) => `http://${host}:${port}`,
  known: ['1.30', '1.28', '1.26', '1.24', '1.22'],
};

export const haproxy: MiddlewareProfile = {
  product: 'haproxy',
  title: 'HAProxy',
  repositories: [
    'library/haproxy',
    'haproxytech/haproxy-alpine',
    'haproxytech/haproxy-debian',
    'haproxytech/haproxy-ubuntu',
    'bitnami/haproxy',
  ],
  repository: 'library/haproxy',
  port: 80,
  // Source: haproxy.org, table of releases.
  endOfLife: {
    '2.2': '2025-03-31',
    '2.4': '2026-06-30',
    '2.6': '2027-06-30',
    '2.8': '2028-06-30',
    '3.0': '2029-06-30',
  },
  known: ['3.2', '3.0', '2.8', '2.6'],
};
