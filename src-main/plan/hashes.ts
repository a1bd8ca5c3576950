import { configHash, networkHash, volumeHash } from '#compose/configHash.ts';
import type { Project } from '#compose/project.ts';

/** The hashes that docker compose writes on what it creates, by the key in the file. */
export interface ConfigHashes {
  readonly services: Readonly<Record<string, string>>;
  readonly networks: Readonly<Record<string, string>>;
  readonly volumes: Readonly<Record<string, string>>;
}

/** The hashes of a whole project. */
export function configHashes(project: Project): ConfigHashes {
  return {
    services: mapValues(project.services, configHash),
    networks: mapValues(project.networks, networkHash),
    volumes: mapValues(project.volumes, volumeHash),
  };
}

function mapValues<T>(
  record: Readonly<Record<string, T>>,
  change: (value: T) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
