/** The labels that docker compose writes on what it creates, and that every tool around it reads. */
export const LABELS = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  configHash: 'com.docker.compose.config-hash',
  containerNumber: 'com.docker.compose.container-number',
  volume: 'com.docker.compose.volume',
  network: 'com.docker.compose.network',
  workingDir: 'com.docker.compose.project.working_dir',
  configFiles: 'com.docker.compose.project.config_files',
  environmentFile: 'com.docker.compose.project.environment_file',
  oneOff: 'com.docker.compose.oneoff',
  slug: 'com.docker.compose.slug',
  imageDigest: 'com.docker.compose.image',
  dependencies: 'com.docker.compose.depends_on',
  version: 'com.docker.compose.version',
  imageBuilder: 'com.docker.compose.image.builder',
  replace: 'com.docker.compose.replace',
} as const;

/**
 * For a container that is no service's: it has the labels of its image besides its own, and an image that was built for a service
 * carries that service's.
 */
export const OF_NO_SERVICE = { [LABELS.project]: '', [LABELS.service]: '' } as const;

/** The release of docker compose whose labels and hashes these are. */
export const COMPOSE_VERSION = '2.40.3';

/** What a container's labels say about its place in a project. */
export interface ContainerLabels {
  readonly project: string;
  readonly service: string;
  /** 1 for the first replica; 0 when the label is missing or broken. */
  readonly number: number;
  readonly oneOff: boolean;
  readonly configHash?: string;
  readonly workingDir?: string;
  readonly configFiles: readonly string[];
  readonly imageDigest?: string;
  /** The name of the container that this one replaces, in the middle of a recreate. */
  readonly replaces?: string;
  readonly dependencies: readonly LabelledDependency[];
}

export interface LabelledDependency {
  readonly service: string;
  readonly condition: string;
  readonly restart: boolean;
}

/**
 * Reads a container's labels; undefined when it belongs to no compose project. One without a configuration hash only has the labels
 * of its image: whoever makes a service's container writes one.
 */
export function parseContainerLabels(labels: Readonly<Record<string, string>>): ContainerLabels | undefined {
  const project = labels[LABELS.project];
  const service = labels[LABELS.service];
  if (!project || !service || labels[LABELS.configHash] === undefined) return undefined;
  return {
    project,
    service,
    number: parseNumber(labels[LABELS.containerNumber]),
    oneOff: labels[LABELS.oneOff]?.toLowerCase() === 'true',
    configFiles: (labels[LABELS.configFiles] ?? '').split(',').filter((file) => file !== ''),
    dependencies: parseDependencies(labels[LABELS.dependencies] ?? ''),
    ...optional('configHash', labels[LABELS.configHash]),
    ...optional('workingDir', labels[LABELS.workingDir]),
    ...optional('imageDigest', labels[LABELS.imageDigest]),
    ...optional('replaces', labels[LABELS.replace]),
  };
}

/** `db:service_healthy:true,cache:service_started:false`, as docker compose writes it. */
export function parseDependencies(label: string): LabelledDependency[] {
  return label
    .split(',')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [service = '', condition = 'service_started', restart = 'false'] = entry.split(':');
      return { service, condition, restart: restart.toLowerCase() === 'true' };
    });
}

/** The value of the dependencies label; docker compose leaves the order to chance, here it is by name. */
export function formatDependencies(
  dependencies: Readonly<Record<string, { readonly condition: string; readonly restart?: boolean }>>,
): string {
  return Object.entries(dependencies)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([service, { condition, restart }]) => `${service}:${condition}:${restart === true}`)
    .join(',');
}

function parseNumber(text: string | undefined): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

function optional<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: string });
}
