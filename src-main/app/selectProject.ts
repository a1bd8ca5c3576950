import { isEnabled, profilesWith } from '#compose/graph.ts';
import type { Project, Service } from '#compose/project.ts';

/** The project with the profiles switched on that these services are in: naming a service is asking for it. */
export function withNamed(project: Project, names: readonly string[] = []): Project {
  const all = { ...project.services, ...project.disabledServices };
  const profiles = profilesWith(all, names, project.profiles);
  if (profiles.length === project.profiles.length) return project;
  const enabled = (service: Service) => isEnabled(service, profiles);
  return {
    ...project,
    profiles,
    services: pick(all, enabled),
    disabledServices: pick(all, (service) => !enabled(service)),
  };
}

function pick(
  services: Readonly<Record<string, Service>>,
  wanted: (service: Service) => boolean,
): Record<string, Service> {
  return Object.fromEntries(Object.entries(services).filter(([, service]) => wanted(service)));
}
