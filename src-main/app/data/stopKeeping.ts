import type { ContainerSummary } from '#engine/containers.ts';
import type { Engine } from '#engine/engine.ts';
import { recognise } from '#middleware/profiles.ts';
import { containerServer } from '#middleware/server.ts';

/**
 * Stops what runs of these so that what is in them is in their volumes: a server that is set up to forget is told to keep its
 * data first. Where one cannot be told, this throws before anything is stopped.
 */
export async function stopKeeping(engine: Engine, running: readonly ContainerSummary[]): Promise<void> {
  await Promise.all(running.map((container) => keep(engine, container)));
  // Not to be given up: a stop goes on in the engine, and would end the start that follows it.
  await Promise.all(running.map(({ id }) => engine.stopContainer(id)));
}

async function keep(engine: Engine, { id, image, state }: ContainerSummary): Promise<void> {
  const found = recognise(image);
  const tell = found?.profile.data?.keep;
  if (!found || !tell || state !== 'running') return;
  const { env, raw } = await engine.inspectContainer(id);
  const config = raw['Config'] as { readonly Cmd?: readonly string[] | null } | undefined;
  const words = (config?.Cmd ?? []).flatMap((word) => word.split(/\s+/));
  const at = words.indexOf('--requirepass');
  const server = containerServer({
    engine,
    container: id,
    product: found.profile.product,
    version: found.version ?? { numbers: [], variant: '', tag: '' },
    environment: Object.fromEntries(env.map((entry) => entry.split(/=(.*)/s, 2) as [string, string])),
    password: at < 0 ? undefined : words[at + 1]?.replace(/^["']|["']$/g, ''),
  });
  await tell(server);
}
