import { perObject } from '#base/perObject.ts';
import { configHash, networkHash, volumeHash } from '#compose/configHash.ts';
import type { Project, Service } from '#compose/project.ts';

/** The hashes that docker compose writes on what it creates, by the key in the file. */
export interface ConfigHashes {
  /** Of a service that stands for itself: with the ids of the containers it refers to in place. */
  readonly of: (service: Service) => string;
  readonly networks: Readonly<Record<string, string>>;
  readonly volumes: Readonly<Record<string, string>>;
}

// A project never changes once it is loaded, so neither do its hashes: hashing a large one again for every boot and every look
// would be felt.
const hashOf = perObject(configHash);

/** The hashes of a whole project. */
export const configHashes = perObject(
  (project: Project): ConfigHashes => ({
    of: hashOf,
    networks: mapValues(project.networks, networkHash),
    volumes: mapValues(project.volumes, volumeHash),
  }),
);

function mapValues<T>(
  record: Readonly<Record<string, T>>,
  change: (value: T) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
