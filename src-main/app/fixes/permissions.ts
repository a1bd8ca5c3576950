import { OF_NO_SERVICE } from '#compose/labels.ts';
import { AppFailure } from '#contract/errors.ts';
import type { ContainerDetails } from '#engine/containers.ts';
import type { Engine } from '#engine/engine.ts';
import { missing } from '../requestBase.ts';
import type { Asked, BootAfter, FixContext } from './fixContext.ts';
import { requireConsentTo } from './fixContext.ts';

/**
 * Gives a mounted path to the user that the service runs as: `chown` in a container of the service's own image, as root,
 * with the same mounts. So it works whoever owns the files, and wherever the engine runs.
 */
export async function givePermission(context: FixContext, asked: Asked): Promise<BootAfter> {
  const docker = context.engine();
  const container = await containerOf(docker, context.source.require().name, asked.service);
  const { user } = container;
  if (user === '' || user === 'root' || user.startsWith('0')) {
    throw missing(
      'owner',
      `${asked.service} runs as root: what stops it is not the owner of ${asked.argument}.`,
    );
  }
  const mount = mountOf(container, asked.argument);
  if (mount === undefined) {
    throw missing(
      'mount',
      `${asked.argument} is in the image, not in a mount: a Dockerfile can change its owner.`,
    );
  }
  const what = mount.type === 'bind' ? mount.source : `volume ${mount.name ?? mount.source}`;
  requireConsentTo([what], asked, {
    message: `Everything in ${mount.destination} is given to the user ${user} that ${asked.service} runs as.`,
    hint: 'The owners that it had are not kept.',
  });
  // The whole mount: what could not be written may not be there yet.
  await changeOwner(docker, container, mount.destination);
  return {};
}

async function containerOf(engine: Engine, project: string, service: string): Promise<ContainerDetails> {
  const labels = [`com.docker.compose.project=${project}`, `com.docker.compose.service=${service}`];
  const [found] = await engine.listContainers({ all: true, labels });
  if (found === undefined) throw missing(`container of ${service}`, `${service} has no container.`);
  return engine.inspectContainer(found.id);
}

/** The innermost mount that holds the path. */
function mountOf({ mounts }: ContainerDetails, path: string) {
  return [...mounts]
    .filter(({ destination }) => path === destination || path.startsWith(`${destination}/`))
    .sort((a, b) => b.destination.length - a.destination.length)[0];
}

async function changeOwner(engine: Engine, container: ContainerDetails, path: string): Promise<void> {
  const { id } = await engine.createContainer({
    name: `${container.name}-owner`,
    body: {
      Image: container.imageId,
      User: '0',
      Entrypoint: ['chown', '-R', container.user],
      Cmd: [path],
      Labels: OF_NO_SERVICE,
      HostConfig: { VolumesFrom: [container.id], NetworkMode: 'none' },
    },
  });
  try {
    await engine.startContainer(id);
    const exitCode = await engine.waitContainer(id);
    if (exitCode === 0) return;
    const message = `chown of ${path} ended with ${exitCode}.`;
    throw new AppFailure({ kind: 'engine.failed', status: exitCode, transient: false, message });
  } finally {
    await engine.removeContainer(id, { force: true });
  }
}
