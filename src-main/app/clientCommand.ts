import { AppFailure } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import { middlewareProfile } from './middlewareOf.ts';
import type { Workspace } from './workspace.ts';

/** The command of a product's own client, logged in as the container's environment says. Throws `notFound` where there is none. */
export async function clientCommand(
  workspace: Workspace,
  service: string,
  container: ContainerId,
): Promise<{ readonly command: readonly string[] }> {
  const client = middlewareProfile(workspace.source.require(), service)?.client;
  if (client === undefined) {
    throw new AppFailure({
      kind: 'notFound',
      what: `client of ${service}`,
      message: `No client is known for ${service}.`,
    });
  }
  const { env } = await workspace.engine().inspectContainer(container);
  return { command: client(Object.fromEntries(env.map(splitPair))) };
}

function splitPair(entry: string): [string, string] {
  const at = entry.indexOf('=');
  return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
}
