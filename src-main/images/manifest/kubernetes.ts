import { container, type Limits, type ProductionContainer } from './manifest.ts';
import { kubernetesQuantity } from './quantities.ts';
import { at, isRecord, listAt, sorted, textAt, textsAt } from './read.ts';

/** Where a kind keeps its pod. */
const POD_SPECS: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec'],
  Deployment: ['spec', 'template', 'spec'],
  StatefulSet: ['spec', 'template', 'spec'],
  DaemonSet: ['spec', 'template', 'spec'],
  ReplicaSet: ['spec', 'template', 'spec'],
  ReplicationController: ['spec', 'template', 'spec'],
  Rollout: ['spec', 'template', 'spec'],
  Job: ['spec', 'template', 'spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
};
const JOBS = new Set(['Job', 'CronJob']);
/** A digest in a status: `docker-pullable://acme/api@sha256:…`. */
const DIGEST = /@(sha256:[0-9a-f]{64})$/;

/** Is this a Kubernetes object, or a list of them? */
export function isKubernetes(document: unknown): boolean {
  return textAt(document, 'apiVersion') !== undefined && textAt(document, 'kind') !== undefined;
}

/**
 * Containers of what `kubectl get -o yaml`, `helm template` and hand-written files hold. Objects that run nothing are passed
 * over; a pod that a Deployment made only lends it the digest that really runs.
 */
export function readKubernetes(documents: readonly unknown[]): readonly ProductionContainer[] {
  const objects = documents.flatMap((document) => objectsOf(document));
  const owned = objects.filter(isOwned).flatMap(containersOf);
  const own = objects.filter((object) => !isOwned(object)).flatMap(containersOf);
  const taken = own.map((entry) => withRunning(entry, owned));
  const covered = (entry: ProductionContainer) =>
    own.some((other) => other.name === entry.name && other.image === entry.image);
  return [...taken, ...once(owned.filter((entry) => !covered(entry)))];
}

function objectsOf(document: unknown): readonly unknown[] {
  if (!isRecord(document)) return [];
  const items = listAt(document, 'items');
  return textAt(document, 'kind')?.endsWith('List') ? items.filter(isRecord) : [document];
}

function isOwned(object: unknown): boolean {
  return listAt(object, 'metadata', 'ownerReferences').some((owner) => at(owner, 'controller') !== false);
}

function withRunning(
  entry: ProductionContainer,
  running: readonly ProductionContainer[],
): ProductionContainer {
  if (entry.digest !== undefined) return entry;
  const same = running.filter((other) => other.name === entry.name && other.image === entry.image);
  const digests = sorted(same.flatMap(({ digest }) => digest ?? []));
  // In the middle of a roll-out pods differ: then no single digest runs.
  return digests.length === 1 ? { ...entry, digest: digests[0] } : entry;
}

/** Replicas of one pod are one container. */
function once(containers: readonly ProductionContainer[]): readonly ProductionContainer[] {
  const seen = new Map<string, ProductionContainer>();
  for (const entry of containers) {
    const key = JSON.stringify([entry.name, entry.image, entry.digest]);
    if (!seen.has(key)) seen.set(key, entry);
  }
  return [...seen.values()];
}

function containersOf(object: unknown): readonly ProductionContainer[] {
  const kind = textAt(object, 'kind') ?? '';
  const path = Object.hasOwn(POD_SPECS, kind) ? POD_SPECS[kind] : undefined;
  if (path === undefined) return [];
  const pod = at(object, ...path);
  const workload = { kind, name: textAt(object, 'metadata', 'name') ?? '' };
  const role = JOBS.has(kind) ? 'job' : 'service';
  const read = (spec: unknown, of: ProductionContainer['role']) =>
    readContainer(spec, { object, pod, workload, role: of });
  return [
    ...listAt(pod, 'containers').flatMap((spec) => read(spec, role)),
    ...listAt(pod, 'initContainers').flatMap((spec) =>
      // A sidecar in Kubernetes' sense: an init container that stays.
      read(spec, textAt(spec, 'restartPolicy') === 'Always' ? role : 'init'),
    ),
  ];
}

function readContainer(
  spec: unknown,
  about: Pick<ProductionContainer, 'workload' | 'role'> & { readonly object: unknown; readonly pod: unknown },
): readonly ProductionContainer[] {
  const image = textAt(spec, 'image');
  if (image === undefined) return [];
  const name = textAt(spec, 'name') ?? about.workload?.name ?? '';
  return [
    container({
      name,
      image,
      workload: about.workload,
      role: about.role,
      digest: DIGEST.exec(image)?.[1] ?? runningDigest(about.object, name),
      env: sorted(listAt(spec, 'env').flatMap((entry) => textAt(entry, 'name') ?? [])),
      envIncomplete: listAt(spec, 'envFrom').length > 0,
      entrypoint: textsAt(spec, 'command'),
      command: textsAt(spec, 'args'),
      user: textAt(spec, 'securityContext', 'runAsUser') ?? textAt(about.pod, 'securityContext', 'runAsUser'),
      ports: sorted(listAt(spec, 'ports').flatMap(portOf)),
      limits: limitsOf(spec),
    }),
  ];
}

function portOf(port: unknown): readonly string[] {
  const number = textAt(port, 'containerPort');
  return number === undefined ? [] : [`${number}/${(textAt(port, 'protocol') ?? 'TCP').toLowerCase()}`];
}

function limitsOf(spec: unknown): Limits {
  return {
    cpus: kubernetesQuantity(textAt(spec, 'resources', 'limits', 'cpu')),
    memoryBytes: kubernetesQuantity(textAt(spec, 'resources', 'limits', 'memory')),
  };
}

function runningDigest(object: unknown, name: string): string | undefined {
  const statuses = [
    ...listAt(object, 'status', 'containerStatuses'),
    ...listAt(object, 'status', 'initContainerStatuses'),
  ];
  const status = statuses.find((entry) => textAt(entry, 'name') === name);
  return DIGEST.exec(textAt(status, 'imageID') ?? '')?.[1];
}
