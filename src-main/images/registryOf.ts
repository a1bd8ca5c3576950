/** Docker Hub's name in references. */
export const DOCKER_HUB = 'docker.io';

/**
 * The registry that a reference names: its first part when that looks like a host, else Docker Hub.
 * Source: distribution/reference, splitDockerDomain.
 */
export function registryOf(reference: string): string {
  const slash = reference.indexOf('/');
  const first = slash < 0 ? '' : reference.slice(0, slash);
  const isHost =
    first.includes('.') || first.includes(':') || first === 'localhost' || first !== first.toLowerCase();
  if (!isHost) return DOCKER_HUB;
  return first === 'index.docker.io' ? DOCKER_HUB : first;
}
