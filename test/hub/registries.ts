import { mkdirSync, writeFileSync } from 'node:fs';
import {
  type Daemon,
  isAlive,
  logTail,
  runningPid,
  startDaemon,
  stopDaemon,
  waitUntil,
} from '../../scripts/engine/daemonProcess.ts';
import { findCommand, installPackages } from '../../scripts/engine/installPackages.ts';
import { cacheDirectory } from '../../scripts/engine/paths.ts';

/** What the engine uses as its mirror of Docker Hub; anyone may push and pull. */
export const PUBLIC_REGISTRY = '127.0.0.1:5000';

/** A registry that wants a login. The account is for tests on loopback, so it is no secret. */
export const PRIVATE_REGISTRY = {
  host: '127.0.0.1:5001',
  username: 'slipway',
  password: 'harbour-pilot',
} as const;

/** `htpasswd -nbB slipway harbour-pilot` */
const PRIVATE_ACCOUNTS = 'slipway:$2y$05$zCuZge2iA8XteM7TpMkaeevECqbCBfUpuL7RZUzFXIe0Uc0PKEJnq\n';

const START_TIMEOUT_MS = 20_000;

interface RegistryPlan {
  readonly name: 'public' | 'private';
  readonly host: string;
  readonly accounts?: string;
}

const REGISTRIES: readonly RegistryPlan[] = [
  { name: 'public', host: PUBLIC_REGISTRY },
  { name: 'private', host: PRIVATE_REGISTRY.host, accounts: PRIVATE_ACCOUNTS },
];

/** Starts both registries unless they answer already. They outlive this process. */
export async function startRegistries(log: (line: string) => void): Promise<void> {
  for (const registry of REGISTRIES) {
    if (await answers(registry.host)) continue;
    installPackages([{ command: 'docker-registry', package: 'docker-registry' }], log);
    const daemon = registryDaemon(registry);
    const pid = runningPid(daemon) ?? startDaemon(daemon);
    await waitUntil(
      async () => (await answers(registry.host)) || pid === undefined || !isAlive(pid),
      START_TIMEOUT_MS,
    );
    if (!(await answers(registry.host))) {
      throw new Error(`The registry on ${registry.host} did not start:\n${logTail(daemon.logFile)}`);
    }
  }
}

/** Ends the registries that this machine's hub started. */
export async function stopRegistries(): Promise<void> {
  for (const registry of REGISTRIES) await stopDaemon(registryDaemon(registry));
}

/** Whether a registry (with or without login) speaks the distribution protocol at this address. */
export async function answers(host: string): Promise<boolean> {
  try {
    const response = await fetch(`http://${host}/v2/`, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.headers.get('docker-distribution-api-version') === 'registry/2.0';
  } catch {
    return false; // nobody listens
  }
}

function registryDaemon(registry: RegistryPlan): Daemon {
  const folder = cacheDirectory('hub', `registry-${registry.name}`);
  mkdirSync(folder, { recursive: true });
  const config = `${folder}/config.yml`;
  writeFileSync(config, configuration(registry, folder));
  return {
    command: findCommand('docker-registry') ?? 'docker-registry',
    args: ['serve', config],
    pidFile: `${folder}/registry.pid`,
    pidFileWriter: 'us',
    mark: config,
    logFile: `${folder}/registry.log`,
  };
}

function configuration(registry: RegistryPlan, folder: string): string {
  if (registry.accounts !== undefined) writeFileSync(`${folder}/htpasswd`, registry.accounts);
  return [
    'version: 0.1',
    'log: { level: error, accesslog: { disabled: true } }',
    `storage: { filesystem: { rootdirectory: ${JSON.stringify(folder)} }, delete: { enabled: true } }`,
    `http: { addr: "${registry.host}" }`,
    registry.accounts === undefined
      ? ''
      : `auth: { htpasswd: { realm: "Slipway test registry", path: ${JSON.stringify(`${folder}/htpasswd`)} } }`,
    '',
  ].join('\n');
}
