import type { Clock } from '#base/clock.ts';
import type { Project } from '#compose/project.ts';
import { AppFailure } from '#contract/errors.ts';
import type { Engine } from '#engine/engine.ts';
import { containerServer } from '#middleware/server.ts';
import { environmentOf } from '#middleware/switch/decide.ts';
import { middlewareOf } from '../middlewareOf.ts';

/** The menu does not wait longer for a figure beside its title. */
const LIMIT_MS = 2_000;

export interface DataSize {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly project: Project;
  readonly service: string;
}

/** Bytes of data as the running server tells them; undefined where it does not run, or does not tell in time. */
export async function dataSize({ engine, clock, project, service }: DataSize): Promise<number | undefined> {
  const found = middlewareOf(project, service);
  const size = found?.profile.data?.carry?.size;
  const definition = project.services[service];
  if (!size || !found?.version || !definition) return undefined;
  const labels = [`com.docker.compose.project=${project.name}`, `com.docker.compose.service=${service}`];
  const [container] = await engine.listContainers({ all: false, labels });
  if (!container) return undefined;
  const server = containerServer({
    engine,
    container: container.id,
    product: found.profile.product,
    version: found.version,
    environment: environmentOf(definition),
  });
  return inTime(clock, unlessRefused(size(server)));
}

/** A server that is starting, or that wants another password, has a size that is not known: that is all it says. */
async function unlessRefused(size: Promise<number | undefined>): Promise<number | undefined> {
  try {
    return await size;
  } catch (thrown) {
    if (thrown instanceof AppFailure) return undefined;
    throw thrown;
  }
}

async function inTime<T>(clock: Clock, work: Promise<T>): Promise<T | undefined> {
  const stop = new AbortController();
  const late = clock.sleep(LIMIT_MS, stop.signal).then(
    () => undefined,
    () => undefined,
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    stop.abort();
  }
}
