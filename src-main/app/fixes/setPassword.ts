import { AppFailure } from '#contract/errors.ts';
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

async function run(
  context: FixContext,
  own: {
    readonly server: string;
    readonly user: string;
    readonly command: readonly string[];
    readonly stdin?: string | undefined;
    readonly env?: Readonly<Record<string, string>> | undefined;
  },
): Promise<void> {
  const engine = context.engine();
  const name = context.source.require().name;
  const labels = [`com.docker.compose.project=${name}`, `com.docker.compose.service=${own.server}`];
  const [found] = await engine.listContainers({ all: false, labels });
  if (found === undefined) throw missing(`container of ${own.server}`, `${own.server} does not run.`);
  const { exitCode, stdout, stderr } = await engine.exec(found.id, {
    command: own.command,
    stdin: own.stdin === undefined ? undefined : new TextEncoder().encode(own.stdin),
    env: Object.entries(own.env ?? {}).map(([name, value]) => `${name}=${value}`),
  });
  if (exitCode === 0) return;
  const output = new TextDecoder().decode(stderr.length > 0 ? stderr : stdout).trim();
  throw new AppFailure({
    kind: 'engine.failed',
    status: exitCode,
    transient: false,
    message: `${own.server} did not take the new password of ${own.user}: ${output.slice(0, 500)}`,
  });
}
