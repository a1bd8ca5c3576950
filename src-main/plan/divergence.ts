import { COMPOSE_VERSION, LABELS } from '#compose/labels.ts';
import type { Service } from '#compose/project.ts';
import { imageName } from './containerBody/containerBody.ts';
import { sameEffect } from './effective.ts';
import { type ReconcileInput, replicasOf } from './input.ts';
import type { ObservedContainer } from './observed.ts';
import { sharedService, withContainerIds } from './sharedContainers.ts';

/**
 * Why a container is not what the file asks for, in words; undefined where it is. `named`: the user named its service,
 * or none; a forced recreate leaves mere dependencies alone.
 */
export function divergence(
  input: ReconcileInput,
  service: Service,
  own: { readonly container: ObservedContainer; readonly named: boolean },
): string | undefined {
  const { container } = own;
  const policy = input.options.recreate ?? 'diverged';
  if (container.state === 'dead') return 'container is dead';
  if (cannotStart(container)) return 'the engine cannot start it any more';
  if (policy === 'never') return undefined;
  if (policy === 'force' && own.named) return 'recreate was asked for';
  return (
    sharedChange(input, service, container) ??
    configurationChange(input, service, container) ??
    imageChange(input, service, container) ??
    networkChange(input, service, container) ??
    volumeChange(input, service, container) ??
    filesMissing(input, service, container)
  );
}

function cannotStart({ state, error }: ObservedContainer): boolean {
  const stopped = state === 'created' || state === 'exited';
  return stopped && isBarred(error?.message ?? '');
}

/**
 * An engine that was killed in the middle of a start leaves the process with containerd and knows nothing of it: from then on
 * every start of that container is refused with these words, and only another container helps.
 */
export function isBarred(refusal: string): boolean {
  return /task [0-9a-f]{64}: already exists/i.test(refusal);
}

function configurationChange(
  input: ReconcileInput,
  service: Service,
  container: ObservedContainer,
): string | undefined {
  const resolved = withContainerIds(service, (name) => replicasOf(input.observed, name)[0]?.id);
  if (container.configHash === input.hashes.of(resolved)) return undefined;
  const version = container.labels[LABELS.version];
  // Another release of docker compose may count other attributes: then what the container has decides.
  if (version !== COMPOSE_VERSION && sameEffect(input, resolved, container)) return undefined;
  return 'configuration changed';
}

function imageChange(
  input: ReconcileInput,
  service: Service,
  container: ObservedContainer,
): string | undefined {
  const image = input.observed.images[imageName(input.project, container.service, service)];
  if (image === undefined) return undefined;
  const made = container.imageDigest ?? container.imageId;
  return made === image.id || container.imageId === image.id ? undefined : 'image changed';
}

/** A stopped container has no ids of its networks, but it names them. */
function networkChange(
  input: ReconcileInput,
  service: Service,
  container: ObservedContainer,
): string | undefined {
  if (service.network_mode) return undefined;
  for (const key of Object.keys(service.networks ?? {}).sort()) {
    const network = input.project.networks[key];
    const endpoint = container.networks[network?.name ?? key];
    const observed = input.observed.networks.find((entry) => entry.name === network?.name);
    if (endpoint === undefined) return `not attached to network ${key}`;
    if (
      container.state === 'running' &&
      observed &&
      endpoint.networkId !== '' &&
      endpoint.networkId !== observed.id
    )
      return `network ${key} is another one now`;
  }
  return undefined;
}

function volumeChange(
  input: ReconcileInput,
  service: Service,
  container: ObservedContainer,
): string | undefined {
  for (const volume of service.volumes ?? []) {
    const name = volume.source === undefined ? undefined : input.project.volumes[volume.source]?.name;
    if (volume.type !== 'volume' || name === undefined) continue;
    const mount = container.mounts.find((entry) => entry.destination === volume.target);
    if (mount?.name !== name) return `does not use volume ${name}`;
  }
  return undefined;
}

/** Contents are put in between create and start; of a container that never started nobody knows whether they are. */
function filesMissing(
  { project }: ReconcileInput,
  service: Service,
  container: ObservedContainer,
): string | undefined {
  if (container.state !== 'created') return undefined;
  const objects = [
    ...(service.secrets ?? []).map(({ source = '' }) => project.secrets[source]),
    ...(service.configs ?? []).map(({ source = '' }) => project.configs[source]),
  ];
  const copied = objects.some((object) => object !== undefined && !object.file && !object.external);
  return copied ? 'created, its files may be missing' : undefined;
}

/** `network_mode: service:db` holds the id of db's container, which may be gone. */
function sharedChange(
  input: ReconcileInput,
  service: Service,
  container: ObservedContainer,
): string | undefined {
  const modes = [
    [service.network_mode, 'NetworkMode'],
    [service.pid, 'PidMode'],
    [service.ipc, 'IpcMode'],
  ] as const;
  for (const [mode, field] of modes) {
    const target = sharedService(mode);
    const actual = container.effective?.hostConfig[field];
    if (target === undefined || typeof actual !== 'string') continue;
    const ids = input.observed.containers
      .filter((entry) => entry.service === target)
      .map((entry) => entry.id);
    if (!ids.some((id) => actual === `container:${id}`)) return `${target} is another container now`;
  }
  return undefined;
}
