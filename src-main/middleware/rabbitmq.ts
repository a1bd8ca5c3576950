import { AppFailure } from '#contract/errors.ts';
import type { CarryContext, FingerprintOptions, MiddlewareProfile, Server } from './profile.ts';

/**
 * RabbitMQ: a newer server upgrades the files of an older one, if every feature flag was on, and never back.
 * What a carry moves are the definitions: virtual hosts, users, permissions, exchanges, queues, bindings, policies.
 * Source: rabbitmq.com/docs (definitions, feature flags, upgrade).
 */
export const rabbitmq: MiddlewareProfile = {
  product: 'rabbitmq',
  title: 'RabbitMQ',
  repositories: ['library/rabbitmq', 'bitnami/rabbitmq', 'bitnamilegacy/rabbitmq'],
  repository: 'library/rabbitmq',
  port: 5672,
  data: {
    lane: (version) => version.numbers.slice(0, 2).join('.'),
    mountPath: () => '/var/lib/rabbitmq',
    markers: [],
    byHostname: true,
    opens: (version, lane) => (version.numbers.slice(0, 2).join('.') === lane ? 'yes' : 'one-way'),
    carry: {
      how: 'Its definitions are exported and imported into a new volume, then compared.',
      move,
      fingerprint,
    },
    traps: ({ data: choice }) =>
      choice === 'carry'
        ? ['Definitions go into a new volume, so no feature flag of the old version has to be enabled first.']
        : [],
    leavesBehind: ['messages that are still in queues: they stay in the old lane'],
  },
  probe: () => ['rabbitmq-diagnostics', '-q', 'check_port_connectivity'],
  // rabbitmqctl takes a new password only as an argument: inside the container, for as long as it runs.
  setPassword: ({ user, password }) => ({
    command: ['sh', '-c', 'exec rabbitmqctl -q change_password "$0" "$SLIPWAY_PASSWORD"', user],
    env: { SLIPWAY_PASSWORD: password },
  }),
  // rabbitmqctl has no prompt of its own: what there is, and a shell to type it in, which Ctrl-C meanwhile must not end.
  client: () => [
    'sh',
    '-c',
    'trap : INT; rabbitmqctl -q status; echo; rabbitmqctl -q list_queues name messages; trap - INT; exec "$(command -v bash || echo sh)"',
  ],
  url: (environment, { host, port }) => {
    const user = environment['RABBITMQ_DEFAULT_USER'] ?? 'guest';
    const password = environment['RABBITMQ_DEFAULT_PASS'] ?? 'guest';
    const vhost = environment['RABBITMQ_DEFAULT_VHOST'] ?? '/';
    return `amqp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${encodeURIComponent(vhost)}`;
  },
  endOfLife: {
    '3.8': '2022-07-31',
    '3.9': '2023-07-31',
    '3.10': '2023-12-31',
    '3.11': '2024-06-30',
    '3.12': '2024-12-31',
    '3.13': '2025-08-31',
  },
  known: ['4.1', '4.0', '3.13', '3.12', '3.11', '3.10'],
};

const FILE = '/tmp/slipway-definitions.json';
const LIMIT_BYTES = 32 * 1024 * 1024;

async function exportDefinitions(server: Server, signal?: AbortSignal): Promise<Uint8Array> {
  const exported = await server.exec(['rabbitmqctl', '-q', 'export_definitions', FILE], { signal });
  fail(exported.exitCode, exported.stderr, 'could not be exported');
  const read = await server.exec(['cat', FILE], { limitBytes: LIMIT_BYTES, signal });
  fail(read.exitCode, read.stderr, 'could not be read');
  await server.exec(['rm', '-f', FILE], { signal });
  return read.stdout;
}

async function move({ source, target, signal, onProgress }: CarryContext): Promise<void> {
  onProgress({ text: 'definitions' });
  const definitions = await exportDefinitions(source, signal);
  const imported = await target.exec(
    [
      'sh',
      '-c',
      `cat > ${FILE} && rabbitmqctl -q import_definitions ${FILE}; code=$?; rm -f ${FILE}; exit $code`,
    ],
    { stdin: definitions, signal },
  );
  fail(
    imported.exitCode,
    imported.stderr.length > 0 ? imported.stderr : imported.stdout,
    'could not be imported',
  );
}

/** One line a definition, with what a version adds of its own left out. */
async function fingerprint(server: Server, { signal }: FingerprintOptions): Promise<readonly string[]> {
  const text = new TextDecoder().decode(await exportDefinitions(server, signal));
  const definitions = JSON.parse(text) as Record<string, unknown>;
  const lines: string[] = [];
  for (const part of PARTS) {
    const entries = definitions[part];
    if (Array.isArray(entries)) lines.push(...entries.map((entry) => `${part} ${stable(entry)}`));
  }
  return lines.sort();
}

const PARTS = [
  'vhosts',
  'users',
  'permissions',
  'topic_permissions',
  'parameters',
  'policies',
  'queues',
  'exchanges',
  'bindings',
];
/** Written by newer versions for what older ones imply; a queue's type stands beside its arguments, too. */
const LEFT_OUT = new Set([
  'x-queue-type',
  'metadata',
  'limits',
  'default_queue_type',
  'tracing',
  'description',
  'tags',
]);

function stable(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(stable).join(',')}]`;
  const entries = Object.entries(value).filter(([name, entry]) => !LEFT_OUT.has(name) && entry !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, entry]) => `${name}:${stable(entry)}`)
    .join(',')}}`;
}

function fail(exitCode: number, errors: Uint8Array, what: string): void {
  if (exitCode === 0) return;
  const output = new TextDecoder().decode(errors).trim();
  throw new AppFailure({
    kind: 'data.dumpFailed',
    service: '',
    output,
    message: `RabbitMQ's definitions ${what}: ${output.slice(0, 300)}`,
  });
}
