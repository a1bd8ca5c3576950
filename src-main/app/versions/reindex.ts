import type { Clock } from '#base/clock.ts';
import type { Project } from '#compose/project.ts';
import { AppFailure } from '#contract/errors.ts';
import type { RunId, ServiceName } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';
import type { Server } from '#middleware/profile.ts';
import { containerServer } from '#middleware/server.ts';
import { environmentOf } from '#middleware/switch/decide.ts';
import { middlewareOf } from '../middlewareOf.ts';
import { missing } from '../requestBase.ts';
import type { Runs } from '../runs.ts';

export interface Reindex {
  readonly engine: Engine;
  readonly runs: Runs;
  readonly clock: Clock;
  readonly project: Project;
  readonly service: string;
}

/** Begins to rebuild the indexes of a running service, where its product has a way to. */
export async function beginReindex(request: Reindex): Promise<{ readonly run: RunId }> {
  const { runs, clock, project, service } = request;
  const reindex = middlewareOf(project, service)?.profile.data?.reindex;
  if (!reindex)
    throw new AppFailure({
      kind: 'input.invalid',
      message: `${service} has no indexes that Slipway can rebuild.`,
    });
  const server = await runningServer(request);
  return runs.beginFree({
    kind: 'fix',
    title: `Rebuild the indexes of ${service}`,
    steps: [
      {
        kind: 'other',
        label: `rebuild the indexes of ${service}`,
        cause: 'its image sorts text by another library',
        after: [],
        service: service as ServiceName,
      },
    ],
    work: async (onEvent, signal) => {
      onEvent({ type: 'stepStarted', step: 1, at: clock.now() });
      const say = (text: string) =>
        onEvent({
          type: 'stepProgress',
          step: 1,
          at: clock.now(),
          progress: { current: 0, unit: 'bytes', text },
        });
      await reindex(server, { say, signal });
      onEvent({ type: 'stepDone', step: 1, at: clock.now() });
    },
  });
}

async function runningServer({ engine, project, service }: Reindex): Promise<Server> {
  const found = middlewareOf(project, service);
  const definition = project.services[service];
  const labels = [`com.docker.compose.project=${project.name}`, `com.docker.compose.service=${service}`];
  const [container] = await engine.listContainers({ all: false, labels });
  if (!found || !definition || !container)
    throw missing(
      `container of ${service}`,
      `${service} does not run: indexes are rebuilt by the server itself.`,
    );
  return containerServer({
    engine,
    container: container.id,
    product: found.profile.product,
    version: found.version ?? { numbers: [], variant: '', tag: '' },
    environment: environmentOf(definition),
  });
}
