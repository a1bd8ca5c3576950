import { AppFailure } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import { middlewareProfile } from './middlewareOf.ts';
import type { Workspace } from './workspace.ts';

/**
 * The command of a product's own client, logged in as the container's environment and its command line say; secrets go in the
 * client's environment. Throws `notFound` where there is none.
 */
export async function clientCommand(
  workspace: Workspace,
  service: string,
  container: ContainerId,
): Promise<{ readonly command: readonly string[]; readonly env: readonly string[] }> {
  const client = middlewareProfile(workspace.source.require(), service)?.client;
  if (client === undefined) {
    throw new AppFailure({
      kind: 'notFound',
      what: `client of ${service}`,
      message: `No client is known for ${service}.`,
    });
  }
  const { env, cmd } = await workspace.engine().inspectContainer(container);
  const variables = Object.fromEntries(env.map(splitPair));
  return { command: client(variables), env: redisSecret(cmd, variables) };
}

/** Redis and Valkey know their password from a flag of the server; their clients read it from the environment. */
function redisSecret(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): readonly string[] {
  const words = command.flatMap((word) => word.split(/\s+/));
  const at = words.indexOf('--requirepass');
  const flag = at < 0 ? undefined : words[at + 1]?.replace(/^["']|["']$/g, '');
  const password = flag ?? environment['REDIS_PASSWORD'] ?? environment['VALKEY_PASSWORD'];
  return password ? [`REDISCLI_AUTH=${password}`, `VALKEYCLI_AUTH=${password}`] : [];
}

function splitPair(entry: string): [string, string] {
  const at = entry.indexOf('=');
  return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
}
