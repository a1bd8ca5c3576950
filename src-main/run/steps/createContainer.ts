import { configHash } from '#compose/configHash.ts';
import { LABELS } from '#compose/labels.ts';
import type { Service } from '#compose/project.ts';
import { AppFailure, isKind } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { ContainerBody, HostConfigBody } from '#engine/bodies.ts';
import type { ContainerDetails } from '#engine/containers.ts';
import type { CreateStep } from '#plan/plan.ts';
import { withContainerIds } from '#plan/sharedContainers.ts';
import { keepOneNetwork } from './createNetwork.ts';
import { packFiles } from './packFiles.ts';
import { containerOf, type StepContext } from './stepContext.ts';

/**
 * Creates a container, joins its further networks and puts its files in. Half of that is not a container: when a later
 * part fails it is removed again, so that nobody starts it.
 */
export async function createContainer(step: CreateStep, context: StepContext): Promise<string | undefined> {
  const { engine, signal } = context;
  const body = finalBody(step, context);
  const request = { name: step.name, body, platform: step.platform, signal };
  let id: ContainerId;
  let note: string | undefined;
  try {
    const created = await engine.createContainer(request);
    id = created.id;
    note = created.warnings.length === 0 ? undefined : created.warnings.join(' ');
  } catch (thrown) {
    if (!isKind(thrown, 'engine.conflict')) throw await withoutTwins(step, context, thrown);
    const found = await sameContainer(step, context, thrown);
    // Whoever made it may have been cut off, and be it that we did and the answer got lost.
    if (found.state === 'created') await completeAnothers(step, context, found);
    context.containers.set(step.index, found.id);
    return 'was made by another in the meantime';
  }
  await complete(step, context, id);
  context.containers.set(step.index, id);
  return note;
}

/** Another tool may have made a second network of the same name a moment after ours: with one less, the next try works. */
async function withoutTwins(step: CreateStep, context: StepContext, thrown: unknown): Promise<unknown> {
  if (!isKind(thrown, 'engine.failed') || !thrown.error.transient) return thrown;
  const networks = [
    ...Object.keys(step.body.NetworkingConfig?.EndpointsConfig ?? {}),
    ...step.connect.map(({ network }) => network),
  ];
  for (const network of new Set(networks)) await keepOneNetwork(network, context);
  return thrown;
}

async function complete(step: CreateStep, context: StepContext, id: ContainerId): Promise<void> {
  const { engine, signal } = context;
  try {
    for (const { network, endpoint } of step.connect)
      await engine.connectNetwork(network, id, { ...endpoint }, { signal });
    if (step.files.length > 0)
      // The owner in the archive counts; `copyOwner` would give everything to the container's user.
      await engine.writeArchive(id, '/', packFiles(step.files), { signal });
  } catch (thrown) {
    await engine.removeContainer(id, { force: true });
    throw thrown;
  }
}

/** What it lacks of its networks, and its files. It is not ours to remove where that fails. */
async function completeAnothers(
  step: CreateStep,
  context: StepContext,
  found: ContainerDetails,
): Promise<void> {
  const { engine, signal } = context;
  for (const { network, endpoint } of step.connect) {
    if (found.networks.includes(network)) continue;
    try {
      await engine.connectNetwork(network, found.id, { ...endpoint }, { signal });
    } catch (thrown) {
      const now = await engine.inspectContainer(found.id, { signal });
      if (!now.networks.includes(network)) throw thrown;
    }
  }
  if (step.files.length > 0) await engine.writeArchive(found.id, '/', packFiles(step.files), { signal });
}

/**
 * The name is taken. By the same container, when another Slipway or docker compose was faster: then that one serves.
 * By one that is just being removed: then trying again helps.
 */
async function sameContainer(
  step: CreateStep,
  context: StepContext,
  conflict: Error,
): Promise<ContainerDetails> {
  const { engine, signal } = context;
  const wanted = finalBody(step, context).Labels ?? {};
  try {
    const found = await engine.inspectContainer(step.name, { signal });
    if (found.state === 'removing') throw passing(step.name, conflict);
    const same = [LABELS.project, LABELS.service, LABELS.configHash, LABELS.containerNumber].every(
      (label) => found.labels[label] === wanted[label],
    );
    if (same) return found;
    throw conflict;
  } catch (thrown) {
    if (isKind(thrown, 'engine.notFound')) throw passing(step.name, conflict);
    throw thrown;
  }
}

function passing(name: string, cause: unknown): AppFailure {
  const message = `name ${name} in use by a container that is going`;
  return new AppFailure({ kind: 'engine.failed', status: 409, transient: true, message }, { cause });
}

/** The body with what is only known now: the image's id, and the ids of the containers that it refers to. */
function finalBody(step: CreateStep, context: StepContext): ContainerBody {
  const imageId = context.images.get(step.imageFrom);
  const imageLabel: Record<string, string> = imageId === undefined ? {} : { [LABELS.imageDigest]: imageId };
  if (step.unresolved === undefined) return { ...step.body, Labels: { ...step.body.Labels, ...imageLabel } };
  const service = withContainerIds(step.unresolved, (name) => {
    const target = step.references.find((reference) => reference.service === name)?.target;
    return target && containerOf(context, target);
  });
  return {
    ...step.body,
    Labels: { ...step.body.Labels, ...imageLabel, [LABELS.configHash]: configHash(service) },
    HostConfig: { ...step.body.HostConfig, ...sharedFields(service) },
  };
}

/** The fields of the host configuration that hold other containers' ids, by the API's names. */
function sharedFields(service: Service): HostConfigBody {
  return {
    ...(service.network_mode ? { NetworkMode: service.network_mode } : {}),
    ...(service.pid ? { PidMode: service.pid } : {}),
    ...(service.ipc ? { IpcMode: service.ipc } : {}),
    ...(service.volumes_from?.length ? { VolumesFrom: service.volumes_from } : {}),
  };
}
