import { volumeHash } from '#compose/configHash.ts';
import { AppFailure, isKind, throwIfCancelled, toAppError } from '#contract/errors.ts';
import type { ContainerDetails, ContainerSummary, RestartPolicy } from '#engine/engine.ts';
import { volumeBody } from '#plan/containerBody/resourceBodies.ts';
import { formatLanes, parseLanes } from '../lane.ts';
import type { MiddlewareProfile } from '../profile.ts';
import { PROFILES } from '../profiles.ts';
import { chooseOverride, overrideFor } from './chooseOverride.ts';
import { compareFingerprints } from './compare.ts';
import type { DataPlace, VersionSwitch } from './decide.ts';
import { endHelper, type Helper, lastLines, startHelper, untilAnswering } from './helpers.ts';
import { formatJournal, type Owner, SWITCH_LABEL, type SwitchJournal } from './journal.ts';
import { lanesAfter } from './lanesAfter.ts';
import { cleanUp, revert, rollBack, setAside } from './recover.ts';
import type { StepProgress, SwitchStepName, SwitchWorld } from './world.ts';

export interface RunSwitch {
  readonly decision: VersionSwitch;
  /** The container that runs or ran the service, if there is one. */
  readonly container?: ContainerSummary | undefined;
  /** This process, for the journal. */
  readonly owner: Owner;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a decided switch. Until the choice is committed a failure or a cancel rolls everything back: the old container runs
 * again on its data, nothing is left over. Once committed, a new version that does not become ready is taken back too; its
 * volume stays. Throws what went wrong, after the roll-back.
 */
export async function runSwitch(world: SwitchWorld, request: RunSwitch): Promise<void> {
  const run = new SwitchRun(world, request);
  try {
    await run.all();
  } catch (thrown) {
    throw await run.undo(thrown);
  }
}

class SwitchRun {
  readonly #world: SwitchWorld;
  readonly #request: RunSwitch;
  readonly #profile: MiddlewareProfile;
  #journal: SwitchJournal;
  /** The journal is on disk: from here on there is something to undo. */
  #begun = false;

  constructor(world: SwitchWorld, request: RunSwitch) {
    const { decision, container } = request;
    this.#world = world;
    this.#request = request;
    this.#profile = profileOf(decision);
    this.#journal = {
      version: 1,
      id: world.newId(),
      phase: 'begun',
      decision,
      owner: request.owner,
      startedAt: world.clock.now(),
      oldContainer: container && {
        id: container.id,
        name: container.name,
        wasRunning: container.state === 'running' || container.state === 'restarting',
      },
      newVolume: decision.data === 'carry' ? decision.target?.source : undefined,
    };
  }

  async all(): Promise<void> {
    const { decision } = this.#request;
    await this.#step('pull', (report) =>
      this.#world.ensureImage(
        decision.toImage,
        (bytes, total) => report({ bytes, total }),
        this.#request.signal,
      ),
    );
    await this.#begin();
    await this.#step('stop', () => this.#stopOld());
    if (decision.data === 'carry') await this.#carry();
    throwIfCancelled(this.#request.signal);
    await this.#write({ phase: 'verified' });
    await this.#step('commit', () => this.#commit());
    await this.#step('start', () => this.#start());
    await this.#write({ phase: 'ready' });
    // The new version runs: a cancel comes too late.
    await this.#uncancelled('clean', () => cleanUp(this.#world, this.#journal));
  }

  /**
   * Back to before, and what to throw. Where going back fails, too, the first failure is still what the user hears; the
   * journal stays and the next start goes on with it.
   */
  async undo(thrown: unknown): Promise<unknown> {
    if (!this.#begun || this.#journal.phase === 'ready') return thrown;
    try {
      if (this.#journal.phase === 'committed') await revert(this.#world, this.#journal);
      else await rollBack(this.#world, this.#journal);
      return thrown;
    } catch (second) {
      const hint = `Going back was cut off (${toAppError(second).message}); Slipway goes on with it as soon as it can.`;
      return new AppFailure({ ...toAppError(thrown), hint }, { cause: second });
    }
  }

  /** Nothing has been changed before this, and nothing is changed unless this Slipway alone holds the journal. */
  async #begin(): Promise<void> {
    const { files, engine } = this.#world;
    const { oldContainer, decision } = this.#journal;
    const old = oldContainer && (await engine.inspectContainer(oldContainer.id));
    this.#journal = {
      ...this.#journal,
      startedAt: this.#world.clock.now(),
      overrideBefore: await files.readOverride(),
      lanesBefore: await files.readLanes(),
      oldContainer: oldContainer && old && { ...oldContainer, restart: startsByItself(old) },
    };
    this.#begun = await files.beginJournal(decision.service, formatJournal(this.#journal));
    if (this.#begun) return;
    throw new AppFailure({
      kind: 'run.busy',
      workspace: this.#world.project.workingDir,
      running: `Switch ${decision.service}`,
      message: `Another Slipway switches ${decision.service} at this moment.`,
      hint: 'Wait for it.',
    });
  }

  /** Not to be given up half-way: a stop goes on in the engine, and would end the start that a roll-back makes. */
  async #stopOld(): Promise<void> {
    const old = this.#journal.oldContainer;
    if (!old) return;
    await this.#world.engine.stopContainer(old.id);
    if (old.restart) await this.#world.engine.updateContainer(old.id, { restart: { name: 'no' } });
  }

  async #carry(): Promise<void> {
    const carry = this.#profile.data?.carry;
    const { decision, signal } = this.#request;
    if (!carry || !decision.source || !decision.target)
      throw new Error('A carry was decided that cannot be done.');
    const helpers: Helper[] = [];
    try {
      const { source, target } = await this.#step('prepare', () => this.#prepare(decision, helpers));
      await this.#step('move', (report) =>
        carry.move({ source: source.server, target: target.server, signal, onProgress: report }),
      );
      await this.#step('verify', async () => {
        const [before, after] = await Promise.all([
          carry.fingerprint(source.server, signal),
          carry.fingerprint(target.server, signal),
        ]);
        this.#judge(before, after);
      });
    } catch (thrown) {
      // The roll-back removes the helpers.
      throw await this.#whoDied(thrown, helpers);
    }
    // Stopped in their own way, so that everything is on disk before the new container opens it.
    await Promise.all(helpers.map((helper) => endHelper(this.#world.engine, helper.id)));
  }

  /** A server that was killed in the middle is only seen as a container that takes no commands: its own words say more. */
  async #whoDied(thrown: unknown, helpers: readonly Helper[]): Promise<unknown> {
    if (!isKind(thrown, 'engine.conflict')) return thrown;
    const { engine } = this.#world;
    const looked = await Promise.all(helpers.map(({ id }) => engine.inspectContainer(id)));
    const dead = looked.find(({ state }) => state === 'exited' || state === 'dead');
    if (!dead) return thrown;
    const why = dead.oomKilled ? 'ran out of memory' : `ended with ${dead.exitCode}`;
    return new AppFailure(
      {
        kind: 'data.dumpFailed',
        service: this.#request.decision.service,
        output: await lastLines(engine, dead.id),
        message: `${dead.image} ${why} while its data was carried.`,
      },
      { cause: thrown },
    );
  }

  async #prepare(decision: VersionSwitch, helpers: Helper[]): Promise<{ source: Helper; target: Helper }> {
    const { source, target } = decision;
    if (!source || !target) throw new Error('A carry needs two places.');
    const after = await this.#world.loadWith(overrideFor(this.#journal.overrideBefore, decision, []));
    await this.#createVolume(decision, target, after);
    const base = {
      id: this.#journal.id,
      serviceName: decision.service,
      profile: this.#profile,
      signal: this.#request.signal,
    };
    const old = this.#journal.oldContainer;
    const copyOf = this.#profile.data?.carry?.sourceOnCopy ? old?.id : undefined;
    // One after the other would double the wait; both are registered before either can fail.
    const starts = [
      startHelper(this.#world, {
        ...base,
        role: 'source',
        project: this.#world.project,
        image: decision.fromImage,
        data: source,
        copyOf,
      }),
      startHelper(this.#world, {
        ...base,
        role: 'target',
        project: after,
        image: decision.toImage,
        data: target,
      }),
    ] as const;
    for (const start of starts) start.then((helper) => helpers.push(helper)).catch(() => undefined);
    const [first, second] = await Promise.allSettled(starts);
    if (first.status === 'rejected') throw first.reason;
    if (second.status === 'rejected') throw second.reason;
    return { source: first.value, target: second.value };
  }

  /** With the labels and hash that compose itself would write, so that it is adopted without a question. */
  async #createVolume(
    decision: VersionSwitch,
    target: DataPlace,
    after: SwitchWorld['project'],
  ): Promise<void> {
    const key = decision.volumeKey ?? '';
    const volume = after.volumes[key];
    if (!volume) throw new Error(`The override does not declare volume ${key}.`);
    const exists = await this.#world.engine.inspectVolume(target.source, { signal: this.#request.signal });
    if (exists)
      throw new AppFailure({
        kind: 'engine.conflict',
        what: 'volume',
        id: target.source,
        message: `A volume ${target.source} exists already.`,
      });
    const body = volumeBody(after, key, { volume, hash: volumeHash(volume) });
    const labels = { ...body.Labels, [SWITCH_LABEL]: this.#journal.id };
    await this.#world.engine.createVolume({ ...body, Labels: labels }, { signal: this.#request.signal });
  }

  #judge(before: readonly string[], after: readonly string[]): void {
    const differences = compareFingerprints(before, after, this.#world.clock.now());
    if (differences.length === 0) return;
    throw new AppFailure({
      kind: 'data.verifyFailed',
      service: this.#request.decision.service,
      differences,
      message: `The carried data differs in ${differences.length} places (${differences[0]}); ${this.#request.decision.service} stays on ${this.#request.decision.fromImage}.`,
    });
  }

  /** From the journal's word on, a crash is finished and not undone. */
  async #commit(): Promise<void> {
    const { decision } = this.#request;
    const known = parseLanes(this.#journal.lanesBefore);
    const lanes = lanesAfter(known, decision, this.#world.clock.now());
    await this.#world.files.writeOverride(
      await chooseOverride(this.#world, this.#journal.overrideBefore, decision, lanes),
    );
    await this.#world.files.writeLanes(formatLanes(lanes));
    await this.#write({ phase: 'committed' });
  }

  async #start(): Promise<void> {
    await setAside(this.#world, this.#journal);
    const old = this.#journal.oldContainer;
    const { decision, signal } = this.#request;
    await this.#world.bootService({ service: decision.service, without: old ? [old.id] : [], signal });
    await untilAnswering(this.#world, this.#journal, signal);
  }

  async #write(change: Partial<SwitchJournal>): Promise<void> {
    this.#journal = { ...this.#journal, ...change };
    await this.#world.files.writeJournal(this.#request.decision.service, formatJournal(this.#journal));
  }

  async #step<T>(
    step: SwitchStepName,
    work: (report: (progress: Omit<StepProgress, 'step' | 'status'>) => void) => Promise<T>,
  ): Promise<T> {
    throwIfCancelled(this.#request.signal);
    return this.#uncancelled(step, work);
  }

  async #uncancelled<T>(
    step: SwitchStepName,
    work: (report: (progress: Omit<StepProgress, 'step' | 'status'>) => void) => Promise<T>,
  ): Promise<T> {
    this.#world.onStep({ step, status: 'running' });
    try {
      const result = await work((progress) => this.#world.onStep({ step, status: 'running', ...progress }));
      this.#world.onStep({ step, status: 'done' });
      return result;
    } catch (thrown) {
      this.#world.onStep({ step, status: 'failed', text: toAppError(thrown).message });
      throw this.#named(thrown);
    }
  }

  /** Profiles do not know the service's name. */
  #named(thrown: unknown): unknown {
    if (!isKind(thrown, 'data.dumpFailed') || thrown.error.service) return thrown;
    return new AppFailure({ ...thrown.error, service: this.#request.decision.service }, { cause: thrown });
  }
}

function profileOf(decision: VersionSwitch): MiddlewareProfile {
  const profile = PROFILES.find((candidate) => candidate.product === decision.product);
  if (!profile) throw new Error(`No profile for ${decision.product}.`);
  return profile;
}

/** `always` is the one policy that makes the engine start what was stopped, when the engine itself restarts. */
function startsByItself(container: ContainerDetails): RestartPolicy | undefined {
  const host = container.raw['HostConfig'] as
    | { readonly RestartPolicy?: { readonly Name?: string } }
    | undefined;
  return host?.RestartPolicy?.Name === 'always' ? { name: 'always' } : undefined;
}
