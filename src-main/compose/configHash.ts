import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { printJson } from './bind/print.ts';
import type { Value } from './bind/shape.ts';
import { NETWORK, SERVICE, VOLUME } from './bind/shapes.ts';
import type { Network, Service, Volume } from './project.ts';

const encoder = new TextEncoder();

/**
 * The value of `com.docker.compose.config-hash`: a hash over the service as docker compose prints it, without what does
 * not concern a container (how it is built, pulled, scaled, ordered, selected).
 */
export function configHash(service: Service): string {
  const { build, pull_policy, scale, depends_on, profiles, ...rest } = service;
  const hashed = { ...rest, ...withoutReplicas(service), ...withPlainEnvFiles(service) };
  return hash(printJson(hashed as unknown as Value, SERVICE));
}

/** docker compose prints a file that must exist as its path, whatever its format. */
function withPlainEnvFiles({ env_file }: Service): Partial<Service> {
  if (env_file === undefined) return {};
  return { env_file: env_file.map((file) => (typeof file !== 'string' && file.required ? file.path : file)) };
}

function withoutReplicas({ deploy }: Service): Partial<Service> {
  if (deploy === undefined) return {};
  const { replicas, ...rest } = deploy;
  return { deploy: rest };
}

/** The hash that docker compose puts on networks. */
export function networkHash(network: Network): string {
  return hash(printJson(network as unknown as Value, NETWORK));
}

/** The hash that docker compose puts on volumes, in which no driver is the local one. */
export function volumeHash(volume: Volume): string {
  return hash(printJson({ ...volume, driver: volume.driver ?? 'local' } as unknown as Value, VOLUME));
}

function hash(text: string): string {
  return bytesToHex(sha256(encoder.encode(text)));
}
