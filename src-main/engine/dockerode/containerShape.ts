import type { AppError } from '#contract/errors.ts';
import type { ContainerId, ImageId } from '#contract/ids.ts';
import type {
  ContainerDetails,
  ContainerMount,
  ContainerState,
  ContainerSummary,
  Health,
  PortBinding,
} from '../containers.ts';
import { failureInStream } from './errors.ts';
import { flag, instant, list, number, type Raw, record, text, textMap, texts } from './raw.ts';

const STATES: ReadonlySet<string> = new Set([
  'created',
  'running',
  'paused',
  'restarting',
  'removing',
  'exited',
  'dead',
] satisfies ContainerState[]);

/** Podman's own words for what Docker has one word for. */
const PODMAN_STATES: Readonly<Record<string, ContainerState>> = {
  configured: 'created',
  initialized: 'created',
  stopping: 'running',
  stopped: 'exited',
};

export function containerState(value: unknown): ContainerState {
  const word = text(value).toLowerCase();
  return STATES.has(word) ? (word as ContainerState) : (PODMAN_STATES[word] ?? 'dead');
}

/** An entry of `GET /containers/json`. */
export function containerSummary(raw: Raw): ContainerSummary {
  return {
    id: text(raw['Id']) as ContainerId,
    name: ownName(texts(raw['Names'])),
    image: text(raw['Image']),
    imageId: text(raw['ImageID']) as ImageId,
    labels: textMap(raw['Labels']),
    state: containerState(raw['State']),
    created: number(raw['Created']) * 1000,
    ports: list(raw['Ports']).map((port) => listedPort(record(port))),
    mounts: list(raw['Mounts']).map((mount) => containerMount(record(mount))),
    networks: Object.keys(record(record(raw['NetworkSettings'])['Networks'])).sort(),
  };
}

/** A container has one name of its own; links add names of the form `/other/alias`. */
function ownName(names: readonly string[]): string {
  const own = names.find((name) => !name.slice(1).includes('/')) ?? names[0] ?? '';
  return own.replace(/^\//, '');
}

function listedPort(raw: Raw): PortBinding {
  const published = number(raw['PublicPort']);
  return {
    containerPort: number(raw['PrivatePort']),
    protocol: protocolOf(raw['Type']),
    hostIp: text(raw['IP']) || undefined,
    hostPort: published === 0 ? undefined : published,
  };
}

function protocolOf(value: unknown): PortBinding['protocol'] {
  return value === 'udp' || value === 'sctp' ? value : 'tcp';
}

const MOUNT_TYPES: readonly ContainerMount['type'][] = [
  'bind',
  'volume',
  'tmpfs',
  'npipe',
  'cluster',
  'image',
];

function containerMount(raw: Raw): ContainerMount {
  return {
    type: MOUNT_TYPES.find((type) => type === raw['Type']) ?? 'bind',
    name: text(raw['Name']) || undefined,
    source: text(raw['Source']),
    destination: text(raw['Destination']),
    readWrite: flag(raw['RW']),
  };
}

/** The answer of `GET /containers/{id}/json`. */
export function containerDetails(raw: Raw): ContainerDetails {
  const config = record(raw['Config']);
  const state = record(raw['State']);
  const networks = Object.entries(record(record(raw['NetworkSettings'])['Networks']));
  return {
    id: text(raw['Id']) as ContainerId,
    name: text(raw['Name']).replace(/^\//, ''),
    image: text(config['Image']),
    imageId: text(raw['Image']) as ImageId,
    labels: textMap(config['Labels']),
    state: containerState(state['Status']),
    created: instant(raw['Created']) ?? 0,
    ports: publishedPorts(record(record(raw['NetworkSettings'])['Ports'])),
    mounts: list(raw['Mounts']).map((mount) => containerMount(record(mount))),
    networks: networks.map(([name]) => name).sort(),
    ...healthFields(config, state),
    ...processFields(raw, config, state),
    logDriver: text(record(record(raw['HostConfig'])['LogConfig'])['Type']),
    networkEndpoints: Object.fromEntries(networks.map(([name, value]) => [name, endpoint(record(value))])),
    platform: text(raw['Platform']),
    raw,
  };
}

type HealthFields = Pick<ContainerDetails, 'health' | 'healthLog' | 'failingStreak' | 'hasHealthcheck'>;

function healthFields(config: Raw, state: Raw): HealthFields {
  // Podman 4 says Healthcheck where Docker says Health.
  const health = record(state['Health'] ?? state['Healthcheck']);
  const test = texts(record(config['Healthcheck'])['Test']);
  return {
    health: healthOf(health['Status']),
    healthLog: list(health['Log']).map((entry) => healthEntry(record(entry))),
    failingStreak: number(health['FailingStreak']),
    hasHealthcheck: test.length > 0 && test[0] !== 'NONE',
  };
}

export function healthOf(value: unknown): Health {
  return value === 'starting' || value === 'healthy' || value === 'unhealthy' ? value : 'none';
}

function healthEntry(raw: Raw): ContainerDetails['healthLog'][number] {
  return {
    start: instant(raw['Start']) ?? 0,
    end: instant(raw['End']) ?? 0,
    exitCode: number(raw['ExitCode']),
    output: text(raw['Output']),
  };
}

/** The engine keeps the words of a start that failed, in the container, after it has answered with them. */
function startFailure(said: string, raw: Raw): AppError | undefined {
  if (said === '') return undefined;
  return failureInStream(said, { what: 'container', id: text(raw['Name']).replace(/^\//, '') }).error;
}

type ProcessFields = Omit<
  ContainerDetails,
  keyof HealthFields | keyof ContainerSummary | 'logDriver' | 'networkEndpoints' | 'platform' | 'raw'
>;

function processFields(raw: Raw, config: Raw, state: Raw): ProcessFields {
  return {
    exitCode: number(state['ExitCode']),
    oomKilled: flag(state['OOMKilled']),
    error: startFailure(text(state['Error']), raw),
    pid: number(state['Pid']),
    restartCount: number(raw['RestartCount']),
    startedAt: instant(state['StartedAt']),
    finishedAt: instant(state['FinishedAt']),
    tty: flag(config['Tty']),
    openStdin: flag(config['OpenStdin']),
    user: text(config['User']),
    workingDir: text(config['WorkingDir']),
    env: texts(config['Env']),
    entrypoint: texts(config['Entrypoint']),
    cmd: texts(config['Cmd']),
  };
}

/** `{"80/tcp": [{HostIp, HostPort}] | null}`: a port without bindings is exposed only. */
function publishedPorts(ports: Raw): PortBinding[] {
  return Object.entries(ports)
    .sort(([left], [right]) => left.localeCompare(right))
    .flatMap(([key, bindings]) => {
      const [port = '', protocol] = key.split('/');
      const base = { containerPort: Number(port), protocol: protocolOf(protocol) };
      const published = list(bindings).map(record);
      if (published.length === 0) return [base];
      return published.map((binding) => ({
        ...base,
        hostIp: text(binding['HostIp']) || undefined,
        hostPort: Number(text(binding['HostPort'])) || undefined,
      }));
    });
}

function endpoint(raw: Raw): ContainerDetails['networkEndpoints'][string] {
  return { ip: text(raw['IPAddress']), aliases: texts(raw['Aliases']), networkId: text(raw['NetworkID']) };
}
