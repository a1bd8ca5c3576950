import type { Service } from '#compose/project.ts';
import { startIntervalIgnored } from './healthcheck.ts';
import { apiAtLeast } from './units.ts';

interface Rule {
  readonly applies: (service: Service) => boolean;
  /** The API version that brought it; absent where no engine of ours does it. */
  readonly since?: string;
  readonly message: string;
}

const RULES: readonly Rule[] = [
  {
    applies: (service) => service.volumes?.some((volume) => volume.volume?.subpath) === true,
    since: '1.45',
    message: 'volume.subpath needs Docker Engine 26 or newer',
  },
  {
    applies: (service) => service.volumes?.some((volume) => volume.type === 'image') === true,
    since: '1.48',
    message: 'image mounts need Docker Engine 28 or newer',
  },
  {
    applies: (service) => networksUse(service, 'gw_priority'),
    since: '1.48',
    message: 'gw_priority needs Docker Engine 28 or newer and has no effect',
  },
  {
    applies: (service) => networksUse(service, 'interface_name'),
    since: '1.49',
    message: 'interface_name needs Docker Engine 28.1 or newer and has no effect',
  },
  {
    applies: (service) => Object.keys(service.annotations ?? {}).length > 0,
    since: '1.43',
    message: 'annotations need Docker Engine 24 or newer and have no effect',
  },
  {
    applies: (service) => service.volumes_from?.some((entry) => /:ro$/.test(entry)) === true,
    message: 'volumes_from: docker compose takes no notice of ":ro", and neither is it taken here',
  },
  { applies: (service) => service.provider !== undefined, message: 'provider services are not run' },
  {
    applies: (service) => Object.keys(service.models ?? {}).length > 0,
    message: 'models are not provided: the variables that name them are not set',
  },
  { applies: (service) => service.use_api_socket === true, message: 'use_api_socket has no effect' },
  {
    applies: (service) => service.credential_spec !== undefined,
    message: 'credential_spec is for Windows containers and has no effect',
  },
];

/** What the file asks for and this engine, or this program, will not do: said by name, never silently dropped. */
export function unsupported(service: Service, apiVersion: string): string[] {
  const found = RULES.filter(
    (rule) => rule.applies(service) && (rule.since === undefined || !apiAtLeast(apiVersion, rule.since)),
  ).map((rule) => rule.message);
  if (startIntervalIgnored(service.healthcheck, apiVersion))
    found.push('healthcheck.start_interval needs Docker Engine 25 or newer and has no effect');
  return found;
}

function networksUse(service: Service, field: 'gw_priority' | 'interface_name'): boolean {
  return Object.values(service.networks ?? {}).some((attachment) => Boolean(attachment?.[field]));
}
