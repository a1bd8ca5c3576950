import type { Project } from '#compose/project.ts';
import type { Prerequisite } from '#contract/prerequisites.ts';
import type { ObservedState } from '#plan/observed.ts';

/** The engine's own: always there, though it does not list them all. */
const BUILT_IN = new Set(['host', 'none', 'bridge']);

/** External networks and volumes that the engine does not have. */
export function missingResources(
  project: Project,
  observed: ObservedState,
  services: readonly string[],
): Prerequisite[] {
  return [
    ...Object.entries(project.networks).flatMap(([key, { external, name }]) => {
      const users = services.filter((service) => usesNetwork(project, service, key));
      const known = BUILT_IN.has(name) || observed.networks.some((network) => network.name === name);
      return external && !known && users.length > 0 ? [missing('network', name, users)] : [];
    }),
    ...Object.entries(project.volumes).flatMap(([key, { external, name }]) => {
      const users = services.filter((service) => usesVolume(project, service, key));
      const known = observed.volumes.some((volume) => volume.name === name);
      return external && !known && users.length > 0 ? [missing('volume', name, users)] : [];
    }),
  ];
}

function usesNetwork(project: Project, service: string, key: string): boolean {
  const { network_mode, networks } = project.services[service] ?? {};
  return !network_mode && Object.hasOwn(networks ?? {}, key);
}

function usesVolume(project: Project, service: string, key: string): boolean {
  const mounts = project.services[service]?.volumes ?? [];
  return mounts.some(({ type, source }) => type === 'volume' && source === key);
}

function missing(kind: 'network' | 'volume', name: string, services: readonly string[]): Prerequisite {
  return {
    id: `${kind}:${name}`,
    kind,
    title: `The external ${kind} ${name} does not exist.`,
    detail: 'The files say that it is made outside of this project.',
    services,
    weight: 'stops',
    fixes: [{ id: 'create', label: `Create the ${kind}` }],
  };
}
