import { createHash } from 'node:crypto';
import { AppFailure } from '#contract/errors.ts';
import type { CarryContext, FingerprintOptions, MiddlewareProfile, Server } from './profile.ts';

/**
 * Consul: a newer server upgrades its files in place and never back. What a carry moves is the key/value store, in the form
 * that `consul kv export` writes, which every version reads. Services register themselves again.
 * Source: developer.hashicorp.com/consul (commands kv export and import, upgrade).
 */
export const consul: MiddlewareProfile = {
  product: 'consul',
  title: 'Consul',
  repositories: ['library/consul', 'hashicorp/consul', 'bitnami/consul', 'bitnamilegacy/consul'],
  repository: 'hashicorp/consul',
  port: 8500,
  data: {
    lane: lineOf,
    mountPath: () => '/consul/data',
    markers: [],
    opens: (version, lane) => (lineOf(version) === lane ? 'yes' : 'one-way'),
    keep: requireFiles,
    carry: {
      how: 'Its keys are exported and imported into a new volume, then compared key by key.',
      prepareCommand: (command) => [...command, '-bind=127.0.0.1', '-client=127.0.0.1'],
      move,
      fingerprint,
    },
    leavesBehind: [
      'access control lists, intentions, configuration entries, prepared queries and sessions: they stay in the old lane',
      'registered services, which register themselves again',
    ],
  },
  probe: () => ['consul', 'members'],
  url: (_environment, { host, port }) => `http://${host}:${port}`,
  known: ['1.21', '1.20', '1.8'],
};

/** Everything that developers keep in it fits many times over. */
const LIMIT_BYTES = 256 * 1024 * 1024;
/** A single server is its own leader within seconds. */
const LEADS_WITHIN_MS = 60_000;

interface Entry {
  readonly key: string;
  readonly flags: number;
  readonly value: string;
}

function lineOf({ numbers }: { readonly numbers: readonly number[] }): string {
  return numbers.slice(0, 2).join('.');
}

/** An agent in development mode has everything in memory: stopped, it has nothing that could be carried or returned to. */
async function requireFiles(server: Server): Promise<void> {
  const { stdout } = await server.exec(['cat', '/proc/1/cmdline']);
  if (!new TextDecoder().decode(stdout).split('\0').includes('-dev')) return;
  if ((await entriesOf(server)).length === 0) return;
  throw new AppFailure({
    kind: 'data.dumpFailed',
    service: '',
    output: '',
    message:
      'This Consul runs in development mode (-dev), which keeps its keys in memory only: stopping it loses them.',
    hint: 'Run it as a server (agent -server -bootstrap-expect=1), or start the new version empty.',
  });
}

async function move({ source, target, signal, onProgress }: CarryContext): Promise<void> {
  await Promise.all([untilLeader(source, signal), untilLeader(target, signal)]);
  const result = await source.pipeTo(
    ['consul', 'kv', 'export', ''],
    target,
    ['consul', 'kv', 'import', '-'],
    {
      signal,
      onBytes: (bytes) => onProgress({ text: 'keys', bytes }),
    },
  );
  if (result.sourceExitCode === 0 && result.targetExitCode === 0) return;
  throw failed('could not be carried', `${result.sourceErrors}\n${result.targetOutput}`);
}

/** A server that has just come up elects itself first and refuses reads and writes until then. */
async function untilLeader(server: Server, signal: AbortSignal | undefined): Promise<void> {
  const deadline = performance.now() + LEADS_WITHIN_MS;
  for (;;) {
    const { exitCode, stderr } = await server.exec(['consul', 'kv', 'get', '-keys', ''], { signal });
    if (exitCode === 0) return;
    if (performance.now() > deadline) throw failed('cannot be read', new TextDecoder().decode(stderr));
  }
}

/** One line a key: its name, its flags and its value as a digest. */
async function fingerprint(server: Server, { signal }: FingerprintOptions): Promise<readonly string[]> {
  const entries = await entriesOf(server, signal);
  return entries.map(({ key, flags, value }) => `key ${key} flags ${flags} value ${digest(value)}`).sort();
}

async function entriesOf(server: Server, signal?: AbortSignal): Promise<readonly Entry[]> {
  const options = { limitBytes: LIMIT_BYTES, signal };
  const { exitCode, stdout, stderr } = await server.exec(['consul', 'kv', 'export', ''], options);
  if (exitCode !== 0) throw failed('cannot be read', new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout)) as readonly Entry[];
}

function digest(value: string): string {
  return createHash('sha256').update(value).digest('hex').slice(0, 32);
}

function failed(what: string, output: string): AppFailure {
  return new AppFailure({
    kind: 'data.dumpFailed',
    service: '',
    output: output.trim(),
    message: `Consul's keys ${what}: ${output.trim().slice(0, 300)}`,
  });
}
