import { systemClock } from '#base/clock.ts';
import { AppFailure, isKind } from '#contract/errors.ts';
import type { ContainerSummary } from '#engine/containers.ts';
import type { Engine } from '#engine/engine.ts';
import { recognise } from '#middleware/profiles.ts';
import { untilReady } from '#middleware/switch/helpers.ts';
import { isOfThisBoot, isOtherAlive, thisProcess } from '../versions/owner.ts';
import { beginSteps } from './beginSteps.ts';
import { type DataContext, lookAtVolumes } from './dataContext.ts';
import { stopKeeping } from './stopKeeping.ts';
import { parseStoppedJournal, type StoppedJournal } from './stoppedJournal.ts';
import { serviceOf } from './volumeUse.ts';

/** Stops what runs of these, does the work, and starts them again, however it ended. */
export async function whileStopped<T>(
  context: DataContext,
  containers: readonly ContainerSummary[],
  work: () => Promise<T>,
): Promise<T> {
  const engine = context.engine();
  const running = containers.filter(isUp);
  await noteStopped(context, running);
  try {
    await stopKeeping(engine, running);
    return await work();
  } finally {
    await startingAgain(context, () =>
      Promise.all(running.map((container) => startAgain(engine, container))),
    );
  }
}

/** Stops what runs of these and does the work, which takes them away; they are started again only where it fails. */
export async function stopUntil(
  context: DataContext,
  users: readonly ContainerSummary[],
  work: () => Promise<void>,
): Promise<void> {
  const engine = context.engine();
  const running = users.filter(isUp);
  await noteStopped(context, running);
  try {
    await stopKeeping(engine, running);
    await work();
  } catch (thrown) {
    await startingAgain(context, () => Promise.all(running.map(({ id }) => engine.startContainer(id))));
    throw thrown;
  }
  await context.stopped.write(undefined);
}

/** Starts what a copy that was cut off had stopped. Not where the machine has been started since: nothing else runs then. */
export async function startStopped(context: DataContext): Promise<void> {
  const journal = parseStoppedJournal((await context.stopped.read()) ?? '');
  if (!journal || (await isOtherAlive(journal.owner))) return;
  const { containers } = await lookAtVolumes(context);
  const down = containers.filter(
    (container) => journal.containers.includes(container.id) && !isUp(container),
  );
  if (down.length === 0 || !(await isOfThisBoot(journal.owner))) return context.stopped.write(undefined);
  beginSteps(context, { kind: 'start', title: 'Start again what was stopped to be copied' }, [
    {
      kind: 'start',
      label: `start ${down.map(serviceOf).join(', ')}`,
      cause: 'the copy was cut off',
      services: down.map(serviceOf),
      work: async () => {
        const engine = context.engine();
        await startingAgain(context, () =>
          Promise.all(down.map((container) => startAgain(engine, container))),
        );
        return undefined;
      },
    },
  ]);
}

function isUp({ state }: ContainerSummary): boolean {
  return state === 'running' || state === 'restarting';
}

/** Before they are stopped: a process that is killed meanwhile cannot start them again. */
async function noteStopped(context: DataContext, containers: readonly ContainerSummary[]): Promise<void> {
  const journal: StoppedJournal = {
    version: 1,
    owner: await thisProcess(),
    containers: containers.map(({ id }) => id),
  };
  await context.stopped.write(`${JSON.stringify(journal)}\n`);
}

/** What was stopped is started, and no longer noted: tried again is only what an engine that is gone has kept from being started. */
async function startingAgain(context: DataContext, start: () => Promise<unknown>): Promise<void> {
  try {
    await start();
  } catch (thrown) {
    if (!isKind(thrown, 'engine.unreachable')) await context.stopped.write(undefined);
    throw thrown;
  }
  await context.stopped.write(undefined);
}

/** Done means that it answers again, where its product has a way to ask. */
async function startAgain(engine: Engine, { id, image, name }: ContainerSummary): Promise<void> {
  await engine.startContainer(id);
  const { env } = await engine.inspectContainer(id);
  const variables = Object.fromEntries(env.map((entry) => entry.split(/=(.*)/s, 2) as [string, string]));
  const probe = recognise(image)?.profile.probe?.(variables);
  if (probe === undefined) return;
  try {
    await untilReady({ engine, clock: systemClock }, { container: id, probe, service: name, image });
  } catch (thrown) {
    // The work is done; why the service does not come up again its own row says.
    if (!(thrown instanceof AppFailure)) throw thrown;
  }
}
