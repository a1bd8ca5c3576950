import { systemClock } from '#base/clock.ts';
import { AppFailure, isKind } from '#contract/errors.ts';
import { isOfThisBoot, isOtherAlive, thisProcess } from '#disk/owner.ts';
import type { ContainerDetails, ContainerSummary } from '#engine/containers.ts';
import { recognise } from '#middleware/profiles.ts';
import { untilReady } from '#middleware/switch/helpers.ts';
import { probeOf } from '#plan/conditions.ts';
import { probeUntilPassed } from '#run/probe.ts';
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
      Promise.all(running.map((container) => startAgain(context, container))),
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
        await startingAgain(context, () =>
          Promise.all(down.map((container) => startAgain(context, container))),
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

/** Done means that it is ready again, where its own healthcheck or its product has a way to ask. */
async function startAgain(context: DataContext, container: ContainerSummary): Promise<void> {
  const { id, image, name } = container;
  const engine = context.engine();
  await engine.startContainer(id);
  const details = await engine.inspectContainer(id);
  if (await passesOwnCheck(context, container, details)) return;
  const variables = Object.fromEntries(
    details.env.map((entry) => entry.split(/=(.*)/s, 2) as [string, string]),
  );
  const probe = recognise(image)?.profile.probe?.(variables);
  if (probe === undefined) return;
  try {
    await untilReady({ engine, clock: systemClock }, { container: id, probe, service: name, image });
  } catch (thrown) {
    // The work is done; why the service does not come up again its own row says.
    if (!(thrown instanceof AppFailure)) throw thrown;
  }
}

/** So long the service's own check is waited for, milliseconds: the engine makes it for the first time after 30 s. */
const OWN_CHECK_MS = 15_000;

/** As in a boot: else it would stand there as starting until the engine looks. False where there is none, or none that passes. */
async function passesOwnCheck(
  context: DataContext,
  container: ContainerSummary,
  details: ContainerDetails,
): Promise<boolean> {
  const service = serviceOf(container);
  if (!details.hasHealthcheck || probeOf(context.project(), service) === 'engine') return false;
  const engine = context.engine();
  const over = new AbortController();
  const end = () => over.abort();
  engine.waitContainer(container.id, { signal: over.signal }).then(end, end);
  const limit = setTimeout(end, OWN_CHECK_MS);
  try {
    const passed = await probeUntilPassed(details, {
      ...{ engine, clock: systemClock, signal: over.signal },
      onResult: (result) => context.runs.noteCheck(service, container.id, result),
    });
    return passed !== undefined;
  } finally {
    clearTimeout(limit);
    end();
  }
}
