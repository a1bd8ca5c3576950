import type { Project } from '#compose/project.ts';

/** The names under which a program reaches what this machine publishes. */
const HOSTS = String.raw`localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]|host\.docker\.internal`;

/**
 * By service, the variables that name a published port, with the new one in its place: addresses of this machine
 * (`http://localhost:8080`), and bare numbers in variables that are called a port. A number that is also a port inside a
 * container is left alone: it most likely means that one.
 */
export function variablesForPort(
  project: Project,
  from: string,
  to: string,
): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const address = new RegExp(`\\b(${HOSTS}):${from}(?!\\d)`, 'gi');
  const bare = !containerPorts(project).has(from);
  const found: Record<string, Record<string, string>> = {};
  for (const [service, { environment }] of Object.entries(project.services)) {
    for (const [name, value] of Object.entries(environment ?? {})) {
      if (value === null) continue;
      const next = bare && value === from && /PORT/i.test(name) ? to : value.replace(address, `$1:${to}`);
      if (next !== value) found[service] = { ...found[service], [name]: next };
    }
  }
  return found;
}

function containerPorts(project: Project): ReadonlySet<string> {
  const services = Object.values(project.services);
  const published = services.flatMap(({ ports }) => ports ?? []).map(({ target }) => String(target));
  return new Set([...published, ...services.flatMap(({ expose }) => expose ?? [])]);
}
