/** The network that services share when the file says nothing about networks. */
export const DEFAULT_NETWORK = 'default';

/** A project name as docker compose makes it of any text: lower case, letters, digits, `_` and `-`, none of these two first. */
export function normalizeProjectName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
}

/** Whether a name may be given with `-p` as it stands. */
export function isProjectName(name: string): boolean {
  return name !== '' && normalizeProjectName(name) === name;
}

/** The engine's name of a service's replica: its `container_name`, else `project-service-1`. */
export function containerName(
  project: string,
  service: string,
  replica: { readonly number: number; readonly containerName?: string | undefined },
): string {
  return replica.containerName ?? `${project}-${service}-${replica.number}`;
}

/** The engine's name of a network, volume, secret or config that has no name of its own: `project_key`. */
export function resourceName(project: string, key: string): string {
  return `${project}_${key}`;
}

/** The image that a service with `build` and no `image` is tagged with. */
export function builtImageName(project: string, service: string): string {
  return `${project}-${service}`;
}
