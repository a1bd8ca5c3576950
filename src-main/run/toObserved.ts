import { LABELS, parseContainerLabels } from '#compose/labels.ts';
import type { ContainerDetails } from '#engine/containers.ts';
import type { ImageDetails } from '#engine/images.ts';
import type { NetworkSummary, VolumeSummary } from '#engine/storage.ts';
import type { ObservedContainer, ObservedImage, ObservedNetwork, ObservedVolume } from '#plan/observed.ts';
import { lastHealth } from './gate.ts';

/** A container as plans and screens know it, labels parsed; undefined when it belongs to no compose project. */
export function toObservedContainer(details: ContainerDetails): ObservedContainer | undefined {
  const labels = parseContainerLabels(details.labels);
  if (labels === undefined) return undefined;
  return {
    id: details.id,
    name: details.name,
    project: labels.project,
    service: labels.service,
    number: labels.number,
    oneOff: labels.oneOff,
    configHash: labels.configHash,
    workingDir: labels.workingDir,
    configFiles: labels.configFiles,
    imageDigest: labels.imageDigest,
    replaces: labels.replaces,
    dependsOn: labels.dependencies,
    labels: details.labels,
    ...engineFacts(details),
  };
}

type EngineFacts = Omit<
  ObservedContainer,
  | 'id'
  | 'name'
  | 'project'
  | 'service'
  | 'number'
  | 'oneOff'
  | 'configHash'
  | 'workingDir'
  | 'configFiles'
  | 'imageDigest'
  | 'replaces'
  | 'dependsOn'
  | 'labels'
>;

function engineFacts(details: ContainerDetails): EngineFacts {
  return {
    image: details.image,
    imageId: details.imageId,
    state: details.state,
    health: details.health,
    healthSince: healthSince(details),
    lastHealth: lastHealth(details),
    lastFailedCheck: details.healthLog.findLast(({ exitCode }) => exitCode !== 0)?.end,
    exitCode: details.exitCode,
    oomKilled: details.oomKilled,
    error: details.error,
    restartCount: details.restartCount,
    createdAt: details.created,
    startedAt: details.startedAt,
    finishedAt: details.finishedAt,
    hasHealthcheck: details.hasHealthcheck,
    tty: details.tty,
    mounts: details.mounts,
    networks: details.networkEndpoints,
    ports: details.ports,
    effective: { config: asRecord(details.raw['Config']), hostConfig: asRecord(details.raw['HostConfig']) },
  };
}

/** So many probes the engine keeps. Source: moby, daemon/health.go. */
const PROBES_KEPT = 5;

/** The end of the first probe of those that say the same as the last; undefined where that one is not kept any more. */
function healthSince(details: ContainerDetails): number | undefined {
  const { health, healthLog } = details;
  if (health === 'none') return undefined;
  const turn = healthLog.findLastIndex(({ exitCode }) => (exitCode === 0) !== (health === 'healthy'));
  const first = healthLog[turn + 1];
  if (first === undefined) return details.startedAt;
  return turn < 0 && health === 'healthy' && healthLog.length >= PROBES_KEPT ? undefined : first.end;
}

export function toObservedNetwork(network: NetworkSummary): ObservedNetwork {
  return {
    id: network.id,
    name: network.name,
    key: network.labels[LABELS.network],
    project: network.labels[LABELS.project],
    configHash: network.labels[LABELS.configHash],
    driver: network.driver,
    labels: network.labels,
  };
}

export function toObservedVolume(volume: VolumeSummary): ObservedVolume {
  return {
    name: volume.name,
    key: volume.labels[LABELS.volume],
    project: volume.labels[LABELS.project],
    configHash: volume.labels[LABELS.configHash],
    driver: volume.driver,
    labels: volume.labels,
    options: volume.options,
  };
}

export function toObservedImage(image: ImageDetails): ObservedImage {
  return {
    id: image.id,
    platform: image.platform,
    volumes: image.volumes,
    hasHealthcheck: image.healthcheck !== undefined && image.healthcheck[0] !== 'NONE',
    env: image.env,
    taggedAt: taggedAt(image.raw),
  };
}

/** The engine's words for never are a time long before any. */
function taggedAt(raw: ImageDetails['raw']): number | undefined {
  const at = Date.parse(String(asRecord(raw['Metadata'])['LastTagTime'] ?? ''));
  return at > 0 ? at : undefined;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
