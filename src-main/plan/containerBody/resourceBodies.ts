import { COMPOSE_VERSION, LABELS } from '#compose/labels.ts';
import type { Network, Project, Volume } from '#compose/project.ts';
import type { NetworkBody, VolumeBody } from '#engine/bodies.ts';
import { sortKeys } from './labels.ts';
import { compact, meaningful } from './units.ts';

/** A network as docker compose creates it, labels and hash included. */
export function networkBody(
  project: Project,
  key: string,
  input: { readonly network: Network; readonly hash: string },
): NetworkBody {
  const { network } = input;
  return compact({
    Name: network.name,
    // Engines before API 1.44 make a second network of the same name without a word.
    CheckDuplicate: true as const,
    Driver: meaningful(network.driver),
    Options: meaningful(network.driver_opts),
    Internal: meaningful(network.internal),
    Attachable: meaningful(network.attachable),
    EnableIPv6: network.enable_ipv6,
    EnableIPv4: network.enable_ipv4,
    IPAM: ipam(network),
    Labels: sortKeys({
      ...network.labels,
      [LABELS.network]: key,
      [LABELS.project]: project.name,
      [LABELS.version]: COMPOSE_VERSION,
      [LABELS.configHash]: input.hash,
    }),
  });
}

function ipam(network: Network): NetworkBody['IPAM'] {
  const { driver, config } = network.ipam ?? {};
  if (!driver && !config?.length) return undefined;
  return compact({
    Driver: meaningful(driver),
    Config: meaningful(
      config?.map((pool) =>
        compact({
          Subnet: meaningful(pool.subnet),
          IPRange: meaningful(pool.ip_range),
          Gateway: meaningful(pool.gateway),
          AuxiliaryAddresses: meaningful(pool.aux_addresses),
        }),
      ),
    ),
  });
}

/** A volume as docker compose creates it, labels and hash included. */
export function volumeBody(
  project: Project,
  key: string,
  input: { readonly volume: Volume; readonly hash: string },
): VolumeBody {
  const { volume } = input;
  return compact({
    Name: volume.name,
    Driver: meaningful(volume.driver),
    DriverOpts: meaningful(volume.driver_opts),
    Labels: sortKeys({
      ...volume.labels,
      [LABELS.volume]: key,
      [LABELS.project]: project.name,
      [LABELS.version]: COMPOSE_VERSION,
      [LABELS.configHash]: input.hash,
    }),
  });
}
