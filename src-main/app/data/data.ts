import { requireServices } from '#compose/unknownService.ts';
import { describeBytes } from '#contract/describe.ts';
import { AppFailure, isKind } from '#contract/errors.ts';
import type { RunId } from '#contract/ids.ts';
import type { CheckpointReason, CheckpointView, DataOverview } from '#contract/requests/data.ts';
import type { RunKind } from '#contract/runModel.ts';
import { isOtherAlive, thisProcess } from '#disk/owner.ts';
import type { VolumeSummary } from '#engine/storage.ts';
import { missing } from '../requestBase.ts';
import { beginSteps } from './beginSteps.ts';
import { type Checkpoint, checkpointView } from './checkpoint.ts';
import {
  chosenVolumes,
  dataVolumes,
  requireChanged,
  requireRecreateConsents,
  requireUnused,
} from './chooseVolumes.ts';
import { removeLeftHelpers } from './copyHelpers.ts';
import { type DataContext, lookAtVolumes, volumeNamed } from './dataContext.ts';
import { parseReplaceJournal, type ReplaceJournal } from './replaceJournal.ts';
import {
  nameHere,
  replaceVolumes,
  requireWhole,
  type Tell,
  usersOf,
  whyNotRestored,
  withWhere,
} from './replaceVolumes.ts';
import { takeCheckpoint } from './takeCheckpoint.ts';
import { isAnonymous, serviceOf, type VolumeFacts, volumeViews } from './volumeUse.ts';
import { startStopped, stopUntil, whileStopped } from './whileStopped.ts';

type Started = { readonly run: RunId };

interface Replacement {
  readonly title: string;
  readonly kind: RunKind;
  readonly reason: CheckpointReason;
  /** What is put in; `kept`: what was there before, which has gone into the bin. */
  readonly from?: Checkpoint | 'kept' | undefined;
  readonly volumes: readonly string[];
  readonly versionsOf: readonly string[];
  /** Started at the end even where they did not run before. */
  readonly start: readonly string[];
}

/** One project's data at rest: its volumes, its checkpoints, the bin, and taking, putting back and resetting them. */
export class Data {
  readonly #context: DataContext;

  constructor(context: DataContext) {
    this.#context = context;
  }

  async view(): Promise<DataOverview> {
    const [facts, checkpoints] = await Promise.all([
      lookAtVolumes(this.#context),
      this.#context.store().list(),
    ]);
    const views = checkpoints.map(checkpointView);
    return {
      volumes: volumeViews(facts),
      checkpoints: views.filter(({ keptUntil }) => keptUntil === undefined),
      bin: views.filter(({ keptUntil }) => keptUntil !== undefined),
      folder: this.#context.store().folder,
    };
  }

  async sizes(): Promise<{ readonly bytes: Readonly<Record<string, number>> }> {
    const [facts, { volumes }] = await Promise.all([
      lookAtVolumes(this.#context),
      this.#context.engine().diskUsage(),
    ]);
    const own = volumeViews(facts).map(({ name }) => [name, volumes[name] ?? 0] as const);
    return { bytes: Object.fromEntries(own) };
  }

  async checkpoint(request: {
    readonly name?: string | undefined;
    readonly services?: readonly string[] | undefined;
    readonly seed?: boolean | undefined;
  }): Promise<Started> {
    await this.#requireFree();
    const facts = await lookAtVolumes(this.#context);
    const volumes = chosenVolumes(facts, request.services ?? []);
    if (volumes.length === 0) throw missing('volume', 'There is no named volume to take a checkpoint of.');
    const names = volumes.map(({ name }) => name);
    return beginSteps(this.#context, { kind: 'checkpoint', title: 'Checkpoint' }, [
      {
        kind: 'copy',
        label: `stop what writes, copy ${names.join(', ')}, start it again`,
        cause: 'one point in time for all of them',
        services: usersOf(facts, names).map(serviceOf),
        work: async (tell, signal) => {
          const users = usersOf(facts, names);
          const taken = await takeCheckpoint(this.#context, {
            name: request.name ?? `Checkpoint of ${request.services?.join(', ') || facts.project.name}`,
            reason: 'asked',
            seed: request.seed ?? false,
            facts,
            volumes,
            quiet: (copy) => whileStopped(this.#context, users, copy),
            onBytes: (bytes, volume) => tell({ text: volume, bytes }),
            signal,
          });
          return taken && `${describeBytes(checkpointView(taken).storedBytes)} on disk`;
        },
      },
    ]);
  }

  /** Keeps what a plan is about to delete: nothing that Slipway removes is gone at once. A word on what was kept. */
  async keepInBin(
    volume: string,
    options: { readonly signal?: AbortSignal | undefined; readonly onBytes: (bytes: number) => void },
  ): Promise<string | undefined> {
    const facts = await lookAtVolumes(this.#context, options.signal);
    const found = volumeNamed(facts, volume);
    if (!found) return undefined;
    const kept = await this.#toBin(facts, [found], 'down', options);
    return kept && `in the bin for 7 days, ${describeBytes(checkpointView(kept).storedBytes)}`;
  }

  async restore(id: string): Promise<Started> {
    await this.#requireFree();
    const from = await this.#context.store().get(id);
    const why = whyNotRestored(from);
    if (why) throw new AppFailure({ kind: 'input.invalid', message: why });
    const facts = await lookAtVolumes(this.#context);
    const own = new Set(Object.keys(facts.project.services));
    const versionsOf = from.services.map(({ name }) => name).filter((name) => own.has(name));
    const named = { ...from, volumes: from.volumes.filter(({ name }) => !isAnonymous(name)) };
    const volumes = named.volumes.map((volume) => nameHere(from, volume, facts.project));
    return this.#replace({
      title: `Restore ${from.name}`,
      kind: 'restore',
      reason: 'restore',
      from,
      volumes,
      versionsOf,
      start: [],
    });
  }

  async reset({
    service,
    checkpoint,
  }: {
    service: string;
    checkpoint?: string | undefined;
  }): Promise<Started> {
    await this.#requireFree();
    const facts = await lookAtVolumes(this.#context);
    requireServices(facts.project, [service]);
    const from = checkpoint === undefined ? undefined : await this.#context.store().get(checkpoint);
    // A seed of the whole stack holds the data of others, too: theirs stays as it is.
    const volumes = from
      ? from.volumes
          .filter(({ services }) => services.includes(service))
          .map((volume) => nameHere(from, volume, facts.project))
      : dataVolumes(facts, service);
    if (volumes.length === 0) throw missing('volume', nothingToReset(service, from));
    return this.#replace({
      title: `Reset ${service}`,
      kind: 'restore',
      reason: 'reset',
      from,
      volumes,
      versionsOf: from ? [service] : [],
      start: [service],
    });
  }

  /** Makes volumes anew as the files define them now: what was there goes into the bin first, and with `carry` into the new ones. */
  async recreate(request: {
    readonly volumes: readonly string[];
    readonly data: 'carry' | 'empty';
    readonly consents?: readonly string[] | undefined;
  }): Promise<Started> {
    await this.#requireFree();
    requireChanged(await lookAtVolumes(this.#context), request.volumes);
    requireRecreateConsents(request);
    return this.#replace({
      title: `Make ${request.volumes.join(', ')} anew`,
      kind: 'restore',
      reason: 'recreated',
      from: request.data === 'carry' ? 'kept' : undefined,
      volumes: request.volumes,
      versionsOf: [],
      start: [],
    });
  }

  async removeVolumes(names: readonly string[]): Promise<Started> {
    await this.#requireFree();
    const facts = await lookAtVolumes(this.#context);
    const views = volumeViews(facts);
    for (const name of names)
      requireUnused(
        name,
        views.find((view) => view.name === name),
      );
    return beginSteps(
      this.#context,
      { kind: 'fix', title: `Remove ${names.join(', ')}` },
      names.map((name) => ({
        kind: 'removeVolume' as const,
        label: `put ${name} into the bin`,
        cause: 'nothing uses it',
        work: async (tell: Tell, signal: AbortSignal) => {
          const volume = volumeNamed(facts, name);
          const onBytes = (bytes: number) => tell({ text: name, bytes });
          if (volume) await this.#toBin(facts, [volume], 'removed', { signal, onBytes });
          await this.#context.engine().removeVolume(name);
          return 'kept for 7 days';
        },
      })),
    );
  }

  async rename(request: {
    readonly checkpoint: string;
    readonly name?: string | undefined;
    readonly seed?: boolean | undefined;
  }): Promise<CheckpointView> {
    const store = this.#context.store();
    const found = await store.get(request.checkpoint);
    const changed = { ...found, name: request.name ?? found.name, seed: request.seed ?? found.seed };
    await store.change(changed);
    return checkpointView(changed);
  }

  async removeCheckpoint(id: string, consents: readonly string[]): Promise<{ readonly removed: true }> {
    const found = await this.#context.store().get(id);
    const consent = `remove-checkpoint:${id}`;
    if (!consents.includes(consent))
      throw new AppFailure({
        kind: 'data.consentRequired',
        missing: [consent],
        message: `${found.name} goes for good: ${found.volumes.map(({ name }) => name).join(', ')}.`,
        hint: 'Export it first to have it in a file.',
      });
    await this.#context.store().remove(id);
    return { removed: true };
  }

  async exportTo(id: string, file: string): Promise<{ readonly file: string; readonly bytes: number }> {
    const found = await this.#context.store().get(id);
    return { file, bytes: await this.#context.store().exportTo(found, file) };
  }

  async importFrom(file: string): Promise<CheckpointView> {
    return checkpointView(await this.#context.store().importFrom(file, this.#context.newId()));
  }

  /**
   * Finishes a replacement that was cut off. Nothing where there is none, or where another Slipway is at it. What a copy that
   * was cut off has left is removed in any case.
   */
  async beginRecovery(): Promise<void> {
    const own = volumeViews(await lookAtVolumes(this.#context)).map(({ name }) => name);
    await removeLeftHelpers(this.#context.engine(), own);
    const journal = parseReplaceJournal((await this.#context.journal.read()) ?? '');
    if (!journal) return startStopped(this.#context);
    if (await isOtherAlive(journal.owner)) return;
    // They are made anew.
    await this.#context.stopped.write(undefined);
    beginSteps(this.#context, { kind: 'restore', title: `Finish: ${journal.title}` }, [
      {
        kind: 'restore',
        label: `put in ${journal.volumes.join(', ')}`,
        cause: 'it was cut off',
        work: async (tell) => {
          await removeLeftHelpers(this.#context.engine(), journal.volumes);
          await replaceVolumes(this.#context, journal, tell);
          await this.#boot(journal.services);
          return undefined;
        },
      },
    ]);
  }

  async #replace(request: Replacement): Promise<Started> {
    const { volumes, from } = request;
    const users = usersOf(await lookAtVolumes(this.#context), volumes).map(serviceOf);
    return beginSteps(this.#context, { kind: request.kind, title: request.title }, [
      {
        kind: 'restore',
        label: `put what is in ${volumes.join(', ')} into the bin, then ${comesNext(from)}`,
        cause: 'what is there now can be had back',
        services: [...new Set([...users, ...request.versionsOf, ...request.start])].sort(),
        work: (tell, signal) => this.#replaceNow(request, tell, signal),
      },
    ]);
  }

  async #replaceNow(request: Replacement, tell: Tell, signal: AbortSignal): Promise<string | undefined> {
    const { from, volumes } = request;
    if (from && from !== 'kept') await requireWhole(this.#context, from);
    const facts = await lookAtVolumes(this.#context, signal);
    const users = facts.containers.filter(
      (container) =>
        usersOf(facts, volumes).includes(container) || request.versionsOf.includes(serviceOf(container)),
    );
    const running = users.filter(({ state }) => state === 'running').map(serviceOf);
    const services = [...new Set([...running, ...request.start])].sort();
    const begun: { kept?: Checkpoint | undefined; journal?: ReplaceJournal } = {};
    // From the journal on they are taken away and made anew: until then a failure starts them again as they were.
    await stopUntil(this.#context, users, async () => {
      const there = facts.volumes.filter(({ name }) => volumes.includes(name));
      const onBytes = (bytes: number) => tell({ text: 'into the bin', bytes });
      begun.kept = await this.#toBin(facts, there, request.reason, { signal, onBytes });
      begun.journal = {
        version: 1,
        owner: await thisProcess(),
        title: request.title,
        from: from === 'kept' ? begun.kept?.id : from?.id,
        volumes,
        kept: begun.kept?.id,
        versionsOf: request.versionsOf,
        services,
      };
      await this.#context.journal.write(`${JSON.stringify(begun.journal)}\n`);
    });
    if (begun.journal) await this.#replaceOrPutBack(begun.journal, begun.kept, tell);
    await this.#boot(services);
    return begun.kept && `what was there is in the bin for 7 days: ${begun.kept.name}`;
  }

  /** When what comes cannot be put in, what was there goes back. */
  async #replaceOrPutBack(journal: ReplaceJournal, kept: Checkpoint | undefined, tell: Tell): Promise<void> {
    try {
      await replaceVolumes(this.#context, journal, tell);
    } catch (thrown) {
      if (isKind(thrown, 'engine.unreachable') || !kept) throw new AppFailure(withWhere(thrown, kept));
      const back = { ...journal, from: kept.id, asBefore: true };
      await this.#context.journal.write(`${JSON.stringify(back)}\n`);
      await replaceVolumes(this.#context, back, tell);
      await this.#boot(journal.services);
      throw thrown;
    }
  }

  async #boot(services: readonly string[]): Promise<void> {
    await this.#context.reload();
    for (const service of services) await this.#context.bootService({ service, without: [] });
  }

  #toBin(
    facts: VolumeFacts,
    volumes: readonly VolumeSummary[],
    reason: CheckpointReason,
    options: { readonly signal?: AbortSignal | undefined; readonly onBytes: (bytes: number) => void },
  ): Promise<Checkpoint | undefined> {
    const name = volumes
      .map((volume) => volume.name.slice(0, 60))
      .join(', ')
      .slice(0, 200);
    return takeCheckpoint(this.#context, { name, reason, seed: false, facts, volumes, ...options });
  }

  async #requireFree(): Promise<void> {
    await this.#context.runs.makeRoom();
    await this.#context.requireUndisturbed();
    this.#context.runs.requireFree();
  }
}

function nothingToReset(service: string, from: Checkpoint | undefined): string {
  if (from) return `${from.name} holds no data of ${service}.`;
  return `${service} has no data of its own to reset: it keeps none in a volume.`;
}

function comesNext(from: Replacement['from']): string {
  if (from === 'kept') return 'make the volume as the files define it and put the data back';
  return from === undefined ? 'start empty' : `${from.name} in its place`;
}
