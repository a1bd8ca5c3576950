import { volumeHash } from '#compose/configHash.ts';
import type { Project } from '#compose/project.ts';
import { AppFailure, isKind } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import { volumeBody } from '#plan/containerBody/resourceBodies.ts';
import type { Carry, KnownContent, MiddlewareProfile } from '../profile.ts';
import { removeLater } from '../removeSurely.ts';
import { overrideFor } from './chooseOverride.ts';
import { compareFingerprints } from './compare.ts';
import { copyData } from './copyData.ts';
import type { DataPlace, VersionSwitch } from './decide.ts';
import { endHelper, type Helper, lastLines, startHelper } from './helpers.ts';
import { ROLE_LABEL, SWITCH_LABEL, type SwitchJournal } from './journal.ts';
import type { StepProgress, SwitchStepName, SwitchWorld } from './world.ts';

type Report = (progress: Omit<StepProgress, 'step' | 'status'>) => void;

export interface CarryData {
  readonly journal: SwitchJournal;
  readonly profile: MiddlewareProfile;
  /** Resolves when nothing writes to the old data any more. */
  readonly stopped: Promise<void>;
  readonly signal: AbortSignal;
  /** Shows a step while its work goes on. */
  readonly step: <T>(name: SwitchStepName, work: (report: Report) => Promise<T>) => Promise<T>;
}

/**
 * Moves a service's data into a new volume once it has stopped: the old server's version runs on a copy, the new one's on the empty
 * volume, both without a network. Resolves when both sides were compared and the new volume is whole on disk.
 */
export async function carryData(world: SwitchWorld, request: CarryData): Promise<void> {
  const { journal, profile, signal, step } = request;
  const carry = profile.data?.carry;
  const { source, target } = journal.decision;
  if (!carry || !source || !target) throw new Error('A carry was decided that cannot be done.');
  const helpers: Helper[] = [];
  try {
    const both = await step('prepare', (report) =>
      prepare(world, { ...request, carry, source, target, helpers, report }),
    );
    const servers = { source: both.source.server, target: both.target.server };
    const known: KnownContent = { source: new Map(), target: new Map() };
    await step('move', (onProgress) => carry.move({ ...servers, known, signal, onProgress }));
    await step('verify', async () => {
      const { source: old, target: fresh } = servers;
      const [before, after] = await Promise.all([
        carry.fingerprint(old, { signal, other: fresh.version, known: known.source }),
        carry.fingerprint(fresh, { signal, other: old.version, known: known.target }),
        carry.settle?.(fresh, signal),
      ]);
      judge(journal.decision, { before, after, now: world.clock.now() });
    });
    // The source's copy is not wanted any more.
    removeLater(world.engine, both.source.id);
    // In its own way, so that everything is on disk before the new container opens it.
    await endHelper(world.engine, both.target.id);
  } catch (thrown) {
    // The roll-back removes the helpers.
    throw await whoDied(world, { thrown, helpers, service: journal.decision.service });
  }
}

interface Prepare extends CarryData {
  readonly carry: Carry;
  readonly source: DataPlace;
  readonly target: DataPlace;
  readonly helpers: Helper[];
  readonly report: Report;
}

async function prepare(world: SwitchWorld, request: Prepare): Promise<{ source: Helper; target: Helper }> {
  const { journal, carry, profile, signal, source, target, helpers } = request;
  const { decision } = journal;
  const after = await world.loadWith(overrideFor(journal.overrideBefore, decision, []));
  await createTarget(world, journal, { target, after });
  const meeting = carry.meeting && (await createPassing(world, journal, 'meeting'));
  const base = { id: journal.id, serviceName: decision.service, profile, signal, meeting };
  // One after the other would double the wait; both are registered before either can fail.
  const starts = [
    copyOf(world, request).then(async ({ volume, copier }) => {
      const data = { type: 'volume', source: volume, target: source.target } as const;
      const [hostname, image] = [decision.fromHostname, decision.fromImage];
      const old = { ...base, role: 'source', hostname, project: world.project, image, data } as const;
      const helper = await startHelper(world, old);
      // Not before: servers that start wait for the disk.
      removeLater(world.engine, copier);
      return helper;
    }),
    startHelper(world, { ...base, role: 'target', project: after, image: decision.toImage, data: target }),
  ] as const;
  for (const start of starts) start.then((helper) => helpers.push(helper)).catch(() => undefined);
  const [first, second] = await Promise.allSettled(starts);
  if (first.status === 'rejected') throw first.reason;
  if (second.status === 'rejected') throw second.reason;
  return { source: first.value, target: second.value };
}

async function copyOf(
  world: SwitchWorld,
  { journal, source, stopped, signal, report }: Prepare,
): Promise<{ readonly volume: string; readonly copier: ContainerId }> {
  const volume = await createPassing(world, journal, 'copy');
  report({ text: `copying ${source.source}` });
  const copier = await copyData({
    engine: world.engine,
    id: journal.id,
    name: passingName(world, journal, 'copying'),
    from: source,
    to: volume,
    image: journal.decision.fromImage,
    quiet: stopped,
    signal,
  });
  return { volume, copier };
}

/** A volume that goes with the carry. */
async function createPassing(
  world: SwitchWorld,
  journal: SwitchJournal,
  role: 'copy' | 'meeting',
): Promise<string> {
  const name = passingName(world, journal, role);
  await world.engine.createVolume({ Name: name, Labels: { [SWITCH_LABEL]: journal.id, [ROLE_LABEL]: role } });
  return name;
}

function passingName(world: SwitchWorld, journal: SwitchJournal, role: string): string {
  return `${world.project.name}-${journal.decision.service}-${role}-${journal.id.slice(0, 8)}`;
}

/** With the labels and hash that compose itself would write, so that it is adopted without a question. */
async function createTarget(
  world: SwitchWorld,
  journal: SwitchJournal,
  { target, after }: { readonly target: DataPlace; readonly after: Project },
): Promise<void> {
  const key = journal.decision.volumeKey ?? '';
  const volume = after.volumes[key];
  if (!volume) throw new Error(`The override does not declare volume ${key}.`);
  if (await world.engine.inspectVolume(target.source))
    throw new AppFailure({
      kind: 'engine.conflict',
      what: 'volume',
      id: target.source,
      message: `A volume ${target.source} exists already.`,
    });
  const body = volumeBody(after, key, { volume, hash: volumeHash(volume) });
  await world.engine.createVolume({ ...body, Labels: { ...body.Labels, [SWITCH_LABEL]: journal.id } });
}

function judge(
  { service, fromImage }: VersionSwitch,
  sides: { readonly before: readonly string[]; readonly after: readonly string[]; readonly now: number },
): void {
  const differences = compareFingerprints(sides.before, sides.after, sides.now);
  if (differences.length === 0) return;
  throw new AppFailure({
    kind: 'data.verifyFailed',
    service,
    differences,
    message: `The carried data differs in ${differences.length} places (${differences[0]}); ${service} stays on ${fromImage}.`,
  });
}

interface Death {
  readonly thrown: unknown;
  readonly helpers: readonly Helper[];
  readonly service: string;
}

/**
 * A server that was killed in the middle is only seen as a container that takes no commands, with a different error for each call
 * that finds it so: its own words say more.
 */
async function whoDied({ engine }: SwitchWorld, { thrown, helpers, service }: Death): Promise<unknown> {
  if (!isKind(thrown, 'engine.conflict', 'engine.failed', 'data.dumpFailed')) return thrown;
  // Where they cannot be looked at, what was thrown says it best.
  const looked = await Promise.all(
    helpers.map(({ id }) => engine.inspectContainer(id).catch(() => undefined)),
  );
  const dead = looked.find((helper) => helper?.state === 'exited' || helper?.state === 'dead');
  if (!dead) return thrown;
  const why = dead.oomKilled ? 'ran out of memory' : `ended with ${dead.exitCode}`;
  return new AppFailure(
    {
      kind: 'data.dumpFailed',
      service,
      output: await lastLines(engine, dead.id),
      message: `${dead.image} ${why} while its data was carried.`,
    },
    { cause: thrown },
  );
}
