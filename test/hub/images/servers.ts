import { entrypoint } from '../entrypoints.ts';
import { type Recipe, type Suite, versionTags } from '../recipe.ts';

function memcached(version: string, suite: Suite, latest?: true): Recipe {
  return {
    id: `memcached:${version}`,
    rootfs: { type: 'packages', suite, packages: ['memcached'] },
    version: { package: 'memcached' },
    // All three are 1.6: the short tags belong to the newest.
    tags: (full) =>
      versionTags(full, {
        parts: latest ? [1, 2, 3] : [3],
        endings: ['', '-alpine', `-${suite}`],
        ...(latest ? { latest } : {}),
      }),
    users: [{ name: 'memcache', id: 11211, home: '/nonexistent' }],
    overlay: [entrypoint('flags', { SERVER: 'memcached' })],
    config: { entrypoint: ['docker-entrypoint.sh'], cmd: ['memcached'], expose: ['11211'], user: 'memcache' },
  };
}

/** `more`: what an example installs on top, which cannot be fetched here. */
function haproxy(
  version: string,
  suite: Suite,
  own: { latest?: true; more?: readonly string[] } = {},
): Recipe {
  const { latest, more = [] } = own;
  return {
    id: `haproxy:${version}`,
    rootfs: {
      type: 'packages',
      suite,
      packages: ['haproxy', ...more],
      exclude: ['etc/haproxy/', 'etc/rsyslog.d/'],
    },
    version: { package: 'haproxy' },
    tags: (full) =>
      versionTags(full, {
        parts: latest ? [1, 2, 3] : [2, 3],
        endings: ['', '-alpine', `-${suite}`],
        ...(latest ? { latest } : {}),
      }).concat(latest ? ['lts', 'lts-alpine'] : []),
    users: [{ name: 'haproxy', id: 99, home: '/var/lib/haproxy' }],
    overlay: [
      entrypoint('haproxy'),
      { type: 'folder', path: 'usr/local/etc/haproxy' },
      { type: 'link', path: 'usr/local/sbin/haproxy', to: '/usr/sbin/haproxy' },
    ],
    config: {
      entrypoint: ['docker-entrypoint.sh'],
      cmd: ['haproxy', '-f', '/usr/local/etc/haproxy/haproxy.cfg'],
      user: 'haproxy',
      workdir: '/var/lib/haproxy',
      stopSignal: 'SIGUSR1',
    },
  };
}

const NATS_CONFIG = `# Clients, monitoring over HTTP, and other servers of the cluster.
port: 4222
monitor_port: 8222
server_name: $HOSTNAME
cluster {
  name: "nats"
  port: 6222
}
`;

function nats(version: string, suite: Suite, latest?: true): Recipe {
  return {
    id: `nats:${version}`,
    rootfs: { type: 'packages', suite, packages: ['nats-server'], exclude: ['etc/nats-server.conf'] },
    version: { package: 'nats-server' },
    tags: (full) =>
      versionTags(full, {
        parts: latest ? [1, 2, 3] : [2, 3],
        endings: ['', '-alpine'],
        ...(latest ? { latest } : {}),
      }),
    overlay: [
      entrypoint('flags', { SERVER: 'nats-server' }),
      { type: 'file', path: 'etc/nats/nats-server.conf', text: NATS_CONFIG },
      { type: 'link', path: 'nats-server.conf', to: 'etc/nats/nats-server.conf' },
      { type: 'link', path: 'nats-server', to: 'usr/sbin/nats-server' },
    ],
    config: {
      entrypoint: ['docker-entrypoint.sh'],
      cmd: ['nats-server', '--config', '/etc/nats/nats-server.conf'],
      expose: ['4222', '6222', '8222'],
    },
  };
}

const consul: Recipe = {
  id: 'consul:1.8',
  repositories: ['library/consul', 'hashicorp/consul'],
  rootfs: { type: 'packages', suite: 'bullseye', packages: ['consul', 'curl'], exclude: ['etc/consul'] },
  version: { package: 'consul' },
  tags: (full) => versionTags(full, { parts: [1, 2, 3], endings: [''], latest: true }),
  users: [{ name: 'consul', id: 100, home: '/consul' }],
  overlay: [
    entrypoint('consul'),
    { type: 'folder', path: 'consul/data', owner: 100 },
    { type: 'folder', path: 'consul/config', owner: 100 },
  ],
  config: {
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['agent', '-dev', '-client', '0.0.0.0'],
    expose: ['8300', '8301', '8301/udp', '8302', '8302/udp', '8500', '8600', '8600/udp'],
    volumes: ['/consul/data'],
  },
};

const mosquitto: Recipe = {
  id: 'eclipse-mosquitto:2',
  repositories: ['library/eclipse-mosquitto'],
  rootfs: {
    type: 'packages',
    suite: 'trixie',
    packages: ['mosquitto', 'mosquitto-clients'],
    exclude: ['etc/mosquitto/'],
  },
  version: { package: 'mosquitto' },
  tags: (full) => versionTags(full, { parts: [1, 2, 3], endings: ['', '-openssl'], latest: true }),
  users: [{ name: 'mosquitto', id: 1883, home: '/mosquitto' }],
  overlay: [
    {
      type: 'file',
      path: 'mosquitto/config/mosquitto.conf',
      text: '# Without a listener of its own it answers on loopback alone.\n',
    },
    { type: 'folder', path: 'mosquitto/data', owner: 1883 },
    { type: 'folder', path: 'mosquitto/log', owner: 1883 },
    { type: 'file', path: 'mosquitto-no-auth.conf', text: 'listener 1883\nallow_anonymous true\n' },
  ],
  config: {
    cmd: ['/usr/sbin/mosquitto', '-c', '/mosquitto/config/mosquitto.conf'],
    expose: ['1883'],
    volumes: ['/mosquitto/data', '/mosquitto/log'],
  },
};

const caddy: Recipe = {
  id: 'caddy:2',
  rootfs: {
    type: 'packages',
    suite: 'bookworm',
    packages: ['caddy'],
    exclude: ['etc/caddy/', 'usr/share/caddy/'],
  },
  version: { package: 'caddy' },
  tags: (full) => versionTags(full, { parts: [1, 2, 3], latest: true }),
  overlay: [
    {
      type: 'file',
      path: 'etc/caddy/Caddyfile',
      text: ':80 {\n\troot * /usr/share/caddy\n\tfile_server\n}\n',
    },
    {
      type: 'file',
      path: 'usr/share/caddy/index.html',
      text: '<!doctype html>\n<title>Caddy works!</title>\n<h1>Caddy works!</h1>\n',
    },
    { type: 'folder', path: 'config/caddy' },
    { type: 'folder', path: 'data/caddy' },
    { type: 'folder', path: 'srv' },
  ],
  config: {
    env: { XDG_CONFIG_HOME: '/config', XDG_DATA_HOME: '/data' },
    cmd: ['caddy', 'run', '--config', '/etc/caddy/Caddyfile', '--adapter', 'caddyfile'],
    expose: ['80', '443', '443/udp', '2019'],
    workdir: '/srv',
  },
};

const REGISTRY_CONFIG = `version: 0.1
log:
  fields:
    service: registry
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: /var/lib/registry
http:
  addr: :5000
  headers:
    X-Content-Type-Options: [nosniff]
`;

const registry: Recipe = {
  id: 'registry:2',
  rootfs: { type: 'packages', suite: 'bookworm', packages: ['docker-registry'], exclude: ['etc/docker/'] },
  version: { package: 'docker-registry' },
  tags: (full) => versionTags(full, { parts: [1, 2, 3], endings: [''], latest: true }),
  overlay: [
    { type: 'link', path: 'usr/bin/registry', to: 'docker-registry' },
    { type: 'file', path: 'etc/docker/registry/config.yml', text: REGISTRY_CONFIG },
    {
      type: 'file',
      path: 'entrypoint.sh',
      mode: 0o755,
      text: '#!/bin/sh\ncase "$1" in\n  *.yaml | *.yml) set -- registry serve "$@" ;;\n  serve | garbage-collect | help | -*) set -- registry "$@" ;;\nesac\nexec "$@"\n',
    },
  ],
  config: {
    entrypoint: ['/entrypoint.sh'],
    cmd: ['/etc/docker/registry/config.yml'],
    expose: ['5000'],
    volumes: ['/var/lib/registry'],
  },
};

export const SERVERS: readonly Recipe[] = [
  memcached('1.6.38', 'trixie', true),
  memcached('1.6.18', 'bookworm'),
  memcached('1.6.9', 'bullseye'),
  haproxy('3.0', 'trixie', { latest: true }),
  haproxy('2.6', 'bookworm', { more: ['serf'] }),
  nats('2.10', 'trixie', true),
  nats('2.9', 'bookworm'),
  consul,
  registry,
  mosquitto,
  caddy,
];
