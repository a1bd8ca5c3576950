import { configHash, networkHash, volumeHash } from '#compose/configHash.ts';
import type { Project, Service } from '#compose/project.ts';

/** The hashes that docker compose writes on what it creates, by the key in the file. */
export interface ConfigHashes {
  /** Of a service that stands for itself: with the ids of the containers it refers to in place. */
  readonly of: (service: Service) => string;
  readonly networks: Readonly<Record<string, string>>;
  readonly volumes: Readonly<Record<string, string>>;
}

/** The hashes of a whole project. */
export function configHashes(project: Project): ConfigHashes {
  return {
    of: memoize(configHash),
    networks: mapValues(project.networks, networkHash),
    volumes: mapValues(project.volumes, volumeHash),
  };
}

/** The same service object has the same hash: hashing a large project again and again would be felt. */
function memoize(hash: (service: Service) => string): (service: Service) => string {
  const known = new WeakMap<Service, string>();
  return (service) => {
    const found = known.get(service) ?? hash(service);
    known.set(service, found);
    return found;
  };
}

function mapValues<T>(
  record: Readonly<Record<string, T>>,
  change: (value: T) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
