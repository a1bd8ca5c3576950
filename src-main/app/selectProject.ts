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

/** The project as if the named services waited for nobody. Their configuration hashes stay: they leave depends_on out. */
export function withoutDependencies(project: Project, names: readonly string[]): Project {
  const services = Object.entries(project.services).map(([name, service]) => {
    const { depends_on: _, ...alone } = service;
    return [name, names.includes(name) ? alone : service] as const;
  });
  return { ...project, services: Object.fromEntries(services) };
}

function pick(
  services: Readonly<Record<string, Service>>,
  wanted: (service: Service) => boolean,
): Record<string, Service> {
  return Object.fromEntries(Object.entries(services).filter(([, service]) => wanted(service)));
}
