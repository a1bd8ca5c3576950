import { LABELS, OF_NO_SERVICE } from '#compose/labels.ts';
import { AppFailure } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { PasswordChange } from '#middleware/profile.ts';
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

/** The server is stopped for it, and comes back whatever becomes of it. */
async function runAlone(
  context: FixContext,
  own: Change & { readonly container: ContainerId; readonly alone: NonNullable<PasswordChange['alone']> },
): Promise<void> {
  const engine = context.engine();
  const server = await engine.inspectContainer(own.container);
  await engine.stopContainer(server.id);
  const { id } = await engine.createContainer({
    name: `${server.name}-password`,
    body: {
      Image: server.imageId,
      Entrypoint: [...own.alone.command],
      Cmd: [],
      Env: environmentList(own.alone.env),
      Labels: OF_NO_SERVICE,
      HostConfig: { VolumesFrom: [server.id], NetworkMode: 'none' },
    },
  });
  try {
    await engine.startContainer(id);
    const exitCode = await engine.waitContainer(id);
    if (exitCode !== 0) throw refused(own, exitCode, 'a server that asks for no password did not take it.');
  } finally {
    // Its anonymous volumes are the server's.
    await engine.removeContainer(id, { force: true });
    await engine.startContainer(server.id);
  }
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
