import { configHash, networkHash, volumeHash } from '#compose/configHash.ts';
import type { Project, Service } from '#compose/project.ts';

/** The hashes that docker compose writes on what it creates, by the key in the file. */
export interface ConfigHashes {
  /** Of a service that stands for itself: with the ids of the containers it refers to in place. */
  readonly of: (service: Service) => string;
  readonly networks: Readonly<Record<string, string>>;
  readonly volumes: Readonly<Record<string, string>>;
}

/**
 * A project never changes once it is loaded, so neither do its hashes: hashing a large one again for every boot and every
 * look would be felt.
 */
const OF_PROJECT = new WeakMap<Project, ConfigHashes>();
const OF_SERVICE = new WeakMap<Service, string>();

/** The hashes of a whole project. */
export function configHashes(project: Project): ConfigHashes {
  const known = OF_PROJECT.get(project) ?? {
    of: hashOf,
    networks: mapValues(project.networks, networkHash),
    volumes: mapValues(project.volumes, volumeHash),
  };
  OF_PROJECT.set(project, known);
  return known;
}

function hashOf(service: Service): string {
  const hash = OF_SERVICE.get(service) ?? configHash(service);
  OF_SERVICE.set(service, hash);
  return hash;
}

function mapValues<T>(
  record: Readonly<Record<string, T>>,
  change: (value: T) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
