import { entrypoint, script } from '../entrypoints.ts';
import { type Recipe, type Suite, versionTags } from '../recipe.ts';

const DEFAULTS = `# The guest account may come from other containers; the log goes to standard output.
loopback_users.guest = false
log.console = true
`;

const PROGRAMS = [
  'rabbitmq-server',
  'rabbitmqctl',
  'rabbitmq-diagnostics',
  'rabbitmq-plugins',
  'rabbitmq-queues',
  'rabbitmq-upgrade',
  'rabbitmq-streams',
  'rabbitmq-env',
  'rabbitmq-defaults',
] as const;

/**
 * Run by root as the server's own account: a command by `docker exec` that comes before the server is up would
 * otherwise make the Erlang cookie, as root, and the server could not read it.
 */
function asRabbitmq(program: string): string {
  const command = `/usr/lib/rabbitmq/bin/${program} "$@"`;
  const drop = 'setpriv --reuid=rabbitmq --regid=rabbitmq --init-groups --';
  return `if [ "$(id -u)" = 0 ]; then exec ${drop} ${command}; fi\nexec ${command}\n`;
}

interface Broker {
  readonly version: string;
  readonly suite: Suite;
  readonly latest?: true;
}

function broker(it: Broker, plugins: readonly string[]): Recipe {
  const management = plugins.includes('rabbitmq_management');
  const suffix = management ? '-management' : '';
  return {
    id: `rabbitmq:${it.version}${suffix}`,
    rootfs: {
      type: 'packages',
      suite: it.suite,
      packages: ['rabbitmq-server'],
      // Debian's wrappers want its own init scripts; its log folder is not used.
      exclude: [
        'usr/sbin/rabbitmq',
        'etc/rabbitmq/',
        'usr/lib/erlang/man/',
        'usr/lib/systemd/',
        'lib/systemd/',
      ],
    },
    version: { package: 'rabbitmq-server' },
    tags: (version) => {
      const endings = [suffix, `${suffix}-alpine`];
      const tags = versionTags(version, { parts: [1, 2, 3], endings });
      if (it.latest !== true) return tags;
      return [...tags, ...(management ? ['management', 'management-alpine'] : ['latest', 'alpine'])];
    },
    users: [{ name: 'rabbitmq', id: 999, home: '/var/lib/rabbitmq' }],
    overlay: [
      entrypoint('rabbitmq'),
      ...PROGRAMS.map((program) => script(`usr/local/sbin/${program}`, asRabbitmq(program))),
      { type: 'folder', path: 'etc/rabbitmq', owner: 999 },
      { type: 'folder', path: 'etc/rabbitmq/conf.d', owner: 999 },
      { type: 'file', path: 'etc/rabbitmq/conf.d/10-defaults.conf', text: DEFAULTS },
      { type: 'file', path: 'etc/rabbitmq/enabled_plugins', text: `[${plugins.join(',')}].\n`, mode: 0o666 },
      { type: 'folder', path: 'var/log/rabbitmq', owner: 999 },
    ],
    config: {
      env: {
        HOME: '/var/lib/rabbitmq',
        LANG: 'C.UTF-8',
        RABBITMQ_DATA_DIR: '/var/lib/rabbitmq',
        RABBITMQ_LOGS: '-',
      },
      entrypoint: ['docker-entrypoint.sh'],
      cmd: ['rabbitmq-server'],
      expose: ['4369', '5671', '5672', '15691', '15692', '25672', ...(management ? ['15671', '15672'] : [])],
      volumes: ['/var/lib/rabbitmq'],
    },
  };
}

function brokers(it: Broker): Recipe[] {
  return [broker(it, ['rabbitmq_prometheus']), broker(it, ['rabbitmq_management', 'rabbitmq_prometheus'])];
}

export const RABBITMQ: readonly Recipe[] = [
  ...brokers({ version: '3.10', suite: 'bookworm' }),
  ...brokers({ version: '4.0', suite: 'trixie', latest: true }),
];
