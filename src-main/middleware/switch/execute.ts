import type { Owner } from '#base/owner.ts';
import { AppFailure, isKind, throwIfCancelled, toAppError } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { ContainerDetails, ContainerSummary, RestartPolicy } from '#engine/containers.ts';
import { formatLanes, parseLanes } from '../lane.ts';
import type { MiddlewareProfile } from '../profile.ts';
import { PROFILES, recognise } from '../profiles.ts';
import { carryData } from './carryData.ts';
import { chooseOverride } from './chooseOverride.ts';
import type { VersionSwitch } from './decide.ts';
import { CarryGuard, judgeUndisturbed } from './guard.ts';
import { runningServer, untilAnswering } from './helpers.ts';
import { formatJournal, type SwitchJournal } from './journal.ts';
import { lanesAfter } from './lanesAfter.ts';
import { cleanUp, makeRoom, revert, rollBack, setAside } from './recover.ts';
import type { StepProgress, SwitchStepName, SwitchWorld } from './world.ts';

export interface RunSwitch {
  readonly decision: VersionSwitch;
  /** The container that runs or ran the service, if there is one. */
  readonly container?: ContainerSummary | undefined;
  /** How much data the service has, where its server told. */
  readonly bytes?: number | undefined;
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
  /** From here on the old container has to be started again by who goes back. */
  #stopAsked = false;

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
    if (decision.data === 'carry') await this.#carryOver();
    else await this.#changeOver();
    await this.#write({ phase: 'ready' });
    // The new version runs: a cancel comes too late.
    await this.#uncancelled('clean', () => cleanUp(this.#world, this.#journal));
  }

  /** Nothing is chosen before the data has been moved and compared. */
  async #carryOver(): Promise<void> {
    await this.#carry(this.#step('stop', () => this.#stopOld()));
    throwIfCancelled(this.#request.signal);
    await this.#write({ phase: 'verified' });
    await this.#step('commit', () => this.#commit());
    await this.#step('start', async () => {
      await setAside(this.#world, this.#journal);
      await judgeUndisturbed(this.#world, this.#journal);
      await this.#start();
    });
  }

  /** No data moves, so the choice is written and the new container made, its data looked at, while the old one stops. */
  async #changeOver(): Promise<void> {
    await makeRoom(this.#world, this.#journal);
    const stopped = this.#step('stop', () => this.#stopOld());
    // Whatever fails meanwhile, the stop is waited for: going back starts the old container again.
    const ended = stopped.catch(() => undefined);
    try {
      await this.#step('commit', () => this.#commit());
      await this.#step('start', () => this.#start(stopped));
    } finally {
      await ended;
    }
  }

  /**
   * Back to before, and what to throw. Where going back fails, too, the first failure is still what the user hears; the
   * journal stays and the next start goes on with it.
   */
  async undo(thrown: unknown): Promise<unknown> {
    if (!this.#begun || this.#journal.phase === 'ready') return thrown;
    try {
      const journal = this.#stopAsked ? this.#journal : withoutRestart(this.#journal);
      if (journal.phase === 'committed') await revert(this.#world, journal);
      else await rollBack(this.#world, journal);
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
      phase: decision.data === 'carry' ? 'begun' : 'verified',
      startedAt: this.#world.clock.now(),
      overrideBefore: await files.readOverride(),
      lanesBefore: await files.readLanes(),
      oldContainer: oldContainer &&
        old && { ...oldContainer, startedAt: old.startedAt, restart: startsByItself(old) },
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
    if (old.wasRunning) await this.#keepData(old.id);
    this.#stopAsked = true;
    await this.#world.engine.stopContainer(old.id);
    if (old.restart) await this.#world.engine.updateContainer(old.id, { restart: { name: 'no' } });
  }

  /** Where it cannot be told, a carry must not go on as if there was nothing; with other choices the data is not asked for. */
  async #keepData(id: ContainerId): Promise<void> {
    const { decision } = this.#request;
    const own = recognise(decision.fromImage, decision.product)?.profile ?? this.#profile;
    if (!own.data?.keep) return;
    const { project } = this.#world;
    const running = { image: decision.fromImage, profile: own, serviceName: decision.service, project, id };
    try {
      await own.data.keep(runningServer(this.#world, running));
    } catch (thrown) {
      if (decision.data === 'carry' || !(thrown instanceof AppFailure)) throw thrown;
    }
  }

  /** The new version's empty server starts while the old one stops: neither has to do with the other. */
  async #carry(stopped: Promise<void>): Promise<void> {
    const { signal } = this.#request;
    const guard = new CarryGuard(this.#world, this.#journal);
    // Whatever fails meanwhile, the stop is waited for: a roll-back starts the old container again.
    const ended = stopped.catch(() => undefined);
    try {
      await guard.watch();
      await carryData(this.#world, {
        journal: this.#journal,
        profile: this.#profile,
        stopped,
        signal: signal ? AbortSignal.any([signal, guard.signal]) : guard.signal,
        step: (name, work) => this.#step(name, work),
      });
      await guard.judge();
    } catch (thrown) {
      // The abort is only how the guard stops the work: why is its own.
      throw signal?.aborted ? thrown : (guard.failure ?? thrown);
    } finally {
      await ended;
      guard.end();
    }
  }

  /** From the journal's word on, a crash is finished and not undone. */
  async #commit(): Promise<void> {
    const { decision } = this.#request;
    const known = parseLanes(this.#journal.lanesBefore);
    const lanes = lanesAfter(known, decision, {
      now: this.#world.clock.now(),
      bytes: this.#request.bytes,
    });
    // A carry takes minutes: what was set in the override meanwhile stays, whichever way the switch ends.
    const before = await this.#world.files.readOverride();
    const after = await chooseOverride(this.#world, before, decision, lanes);
    await this.#write({ overrideBefore: before, overrideAfter: after ?? null });
    await this.#world.files.writeOverride(after);
    await this.#world.files.writeLanes(formatLanes(lanes));
    await this.#write({ phase: 'committed' });
  }

  /** `stopped`: nothing is started before that. */
  async #start(stopped?: Promise<void>): Promise<void> {
    const old = this.#journal.oldContainer;
    const { decision, signal } = this.#request;
    const without = old ? [old.id] : [];
    const request = { service: decision.service, without, startsAfter: stopped, signal };
    const { answered } = await this.#world.bootService(request);
    if (!answered) await untilAnswering(this.#world, this.#journal, signal);
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

/** Who was never asked to stop is not to be stopped and started by going back: what it has in memory only would be lost. */
function withoutRestart(journal: SwitchJournal): SwitchJournal {
  return { ...journal, oldContainer: journal.oldContainer && { ...journal.oldContainer, wasRunning: false } };
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
