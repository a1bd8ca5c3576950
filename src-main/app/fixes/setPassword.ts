import { LABELS, OF_NO_SERVICE } from '#compose/labels.ts';
import { AppFailure } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { ContainerDetails } from '#engine/containers.ts';
import type { Engine } from '#engine/engine.ts';
import type { PasswordChange } from '#middleware/profile.ts';
import { removeSurely } from '#middleware/removeSurely.ts';
import { environmentOf } from '#middleware/switch/decide.ts';
import { middlewareProfile } from '../middlewareOf.ts';
import { missing } from '../requestBase.ts';
import { passwordSentBy } from './accountPassword.ts';
import type { Asked, BootAfter, FixContext } from './fixContext.ts';

/**
 * Gives an account of a database the password that the failed service sends, through the server's own container: nobody needs
 * to know the old one. `argument`: `server/account`.
 */
export async function setPassword(context: FixContext, asked: Asked): Promise<BootAfter> {
  const slash = asked.argument.indexOf('/');
  const [server, user] = [asked.argument.slice(0, slash), asked.argument.slice(slash + 1)];
  const project = context.source.require();
  const definition = project.services[server];
  const change = middlewareProfile(project, server)?.setPassword;
  if (definition === undefined || change === undefined) {
    throw missing(`account of ${server}`, `How ${server} keeps its passwords is not known.`);
  }
  const environment = environmentOf(definition);
  const sender = project.services[asked.service];
  const password = passwordSentBy({ sender: sender && environmentOf(sender), server: environment, user });
  if (password === undefined) {
    throw missing(`password of ${user}`, `The compose file names no password for ${user}.`);
  }
  await run(context, { server, user, ...change({ user, password }, environment) });
  return {};
}

interface Change extends PasswordChange {
  readonly server: string;
  readonly user: string;
}

async function run(context: FixContext, own: Change): Promise<void> {
  const engine = context.engine();
  const { name } = context.source.require();
  const labels = [`${LABELS.project}=${name}`, `${LABELS.service}=${own.server}`];
  const [found] = await engine.listContainers({ all: false, labels });
  if (found === undefined) throw missing(`container of ${own.server}`, `${own.server} does not run.`);
  const { exitCode, stdout, stderr } = await engine.exec(found.id, {
    command: own.command,
    stdin: own.stdin === undefined ? undefined : new TextEncoder().encode(own.stdin),
    env: environmentList(own.env ?? {}),
  });
  if (exitCode === 0) return;
  const output = new TextDecoder().decode(stderr.length > 0 ? stderr : stdout).trim();
  if (own.alone === undefined) throw refused(own, exitCode, output);
  await runAlone(context, { ...own, container: found.id, alone: own.alone });
}

interface Alone extends Change {
  readonly container: ContainerId;
  readonly alone: NonNullable<PasswordChange['alone']>;
}

/** On the container that sets a password, with the id of the server's. */
const PASSWORD_LABEL = 'dev.slipway.password';

/** The server is stopped for it, and comes back whatever becomes of it. */
async function runAlone(context: FixContext, own: Alone): Promise<void> {
  const engine = context.engine();
  const server = await engine.inspectContainer(own.container);
  await removeLeftOver(engine, server.id);
  try {
    await engine.stopContainer(server.id);
    await changeAlone(engine, own, server);
  } finally {
    await engine.startContainer(server.id);
  }
}

async function changeAlone(engine: Engine, own: Alone, server: ContainerDetails): Promise<void> {
  const { id } = await engine.createContainer({
    name: `${server.name}-password`,
    body: {
      Image: server.imageId,
      Entrypoint: [...own.alone.command],
      Cmd: [],
      Env: environmentList(own.alone.env),
      Labels: { ...OF_NO_SERVICE, [PASSWORD_LABEL]: server.id },
      HostConfig: { VolumesFrom: [server.id], NetworkMode: 'none' },
    },
  });
  try {
    await engine.startContainer(id);
    const exitCode = await engine.waitContainer(id);
    if (exitCode !== 0) throw refused(own, exitCode, 'a server that asks for no password did not take it.');
  } finally {
    await remove(engine, id);
  }
}

/** Of a Slipway that was killed at it: it has the name, and may still work on the data. */
async function removeLeftOver(engine: Engine, server: ContainerId): Promise<void> {
  const left = await engine.listContainers({ all: true, labels: [`${PASSWORD_LABEL}=${server}`] });
  for (const { id } of left) await remove(engine, id);
}

/** Its anonymous volumes are the server's. */
function remove(engine: Engine, id: ContainerId): Promise<void> {
  return removeSurely(engine, id, { anonymousVolumes: false });
}

function environmentList(environment: Readonly<Record<string, string>>): string[] {
  return Object.entries(environment).map(([name, value]) => `${name}=${value}`);
}

function refused({ server, user }: Change, exitCode: number, output: string): AppFailure {
  return new AppFailure({
    kind: 'engine.failed',
    status: exitCode,
    transient: false,
    message: `${server} did not take the new password of ${user}: ${output.slice(0, 500)}`,
  });
}
