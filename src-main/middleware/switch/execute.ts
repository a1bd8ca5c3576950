import { volumeHash } from '#compose/configHash.ts';
import { AppFailure, isKind, throwIfCancelled, toAppError } from '#contract/errors.ts';
import type { ContainerSummary } from '#engine/engine.ts';
import { volumeBody } from '#plan/containerBody/resourceBodies.ts';
import { formatLanes, type Lane, parseLanes, putLane } from '../lane.ts';
import type { MiddlewareProfile } from '../profile.ts';
import { PROFILES } from '../profiles.ts';
import { chooseOverride, overrideFor } from './chooseOverride.ts';
import { compareFingerprints } from './compare.ts';
import { type DataPlace, environmentOf, type VersionSwitch } from './decide.ts';
import { endHelper, type Helper, startHelper, untilReady } from './helpers.ts';
import { asideName, formatJournal, type SwitchJournal } from './journal.ts';
import { revert, rollBack } from './recover.ts';
import type { StepProgress, SwitchStepName, SwitchWorld } from './world.ts';

export interface RunSwitch {
  readonly decision: VersionSwitch;
  /** The container that runs or ran the service, if there is one. */
  readonly container?: ContainerSummary | undefined;
  /** Of this process, for the journal. */
  readonly pid: number;
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
    await run.undo();
    throw thrown;
  }
}

class SwitchRun {
  readonly #world: SwitchWorld;
  readonly #request: RunSwitch;
  readonly #profile: MiddlewareProfile;
  #journal: SwitchJournal;

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
      pid: request.pid,
      startedAt: world.clock.now(),
      oldContainer: container && {
        id: container.id,
        name: container.name,
        wasRunning: container.state === 'running' || container.state === 'restarting',
      },
      newVolume: decision.data === 'carry' || decision.data === 'fresh' ? decision.target?.source : undefined,
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
    const overrideBefore = await this.#world.files.readOverride();
    await this.#write({ overrideBefore });
    await this.#step('stop', () => this.#stopOld());
    if (decision.data === 'carry') await this.#carry();
    await this.#write({ phase: 'verified' });
    throwIfCancelled(this.#request.signal);
    await this.#step('commit', () => this.#commit());
    await this.#step('start', () => this.#start());
    await this.#write({ phase: 'ready' });
    await this.#step('clean', () => this.#clean());
  }

  /** Back to before; what fails here is left in the journal, and the next start goes on with it. */
  async undo(): Promise<void> {
    if (this.#journal.phase === 'ready') return;
    if (this.#journal.phase === 'committed') await revert(this.#world, this.#journal);
    else await rollBack(this.#world, this.#journal);
  }

  async #stopOld(): Promise<void> {
    const old = this.#journal.oldContainer;
    if (old) await this.#world.engine.stopContainer(old.id, { signal: this.#request.signal });
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
    } finally {
      // Stopped in their own way, so that everything is on disk before the new container opens it.
      await Promise.all(helpers.map((helper) => endHelper(this.#world.engine, helper.id)));
    }
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
    await this.#world.engine.createVolume(volumeBody(after, key, { volume, hash: volumeHash(volume) }), {
      signal: this.#request.signal,
    });
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
    const lanes = await this.#lanes();
    await this.#world.files.writeOverride(
      await chooseOverride(this.#world, this.#journal.overrideBefore, decision, lanes),
    );
    await this.#world.files.writeLanes(formatLanes(lanes));
    await this.#write({ phase: 'committed' });
  }

  async #lanes(): Promise<readonly Lane[]> {
    const { decision } = this.#request;
    const now = this.#world.clock.now();
    let lanes = parseLanes(await this.#world.files.readLanes());
    const base = { service: decision.service, product: decision.product, usedAt: now };
    const known = (place: DataPlace) =>
      lanes.find((lane) => lane.service === decision.service && lane.source === place.source);
    if (decision.source && decision.fromLane) {
      lanes = putLane(lanes, {
        createdAt: now,
        origin: 'file',
        ...known(decision.source),
        ...base,
        lane: decision.fromLane,
        source: decision.source.source,
        type: decision.source.type,
        image: decision.fromImage,
      });
    }
    if (decision.target && decision.toLane && decision.target.source !== decision.source?.source) {
      const carriedFrom = decision.data === 'carry' ? decision.fromImage : undefined;
      lanes = putLane(lanes, {
        createdAt: now,
        origin: 'switch',
        carriedFrom,
        ...known(decision.target),
        ...base,
        lane: decision.toLane,
        source: decision.target.source,
        type: decision.target.type,
        image: decision.toImage,
      });
    }
    return lanes;
  }

  async #start(): Promise<void> {
    const old = this.#journal.oldContainer;
    if (old) await this.#world.engine.renameContainer(old.id, asideName(old.name, this.#journal.id));
    const { decision, signal } = this.#request;
    await this.#world.bootService({ service: decision.service, without: old ? [old.id] : [], signal });
    await this.#untilAnswering();
  }

  /** A service without a healthcheck counts as up once it runs; its own product's probe knows better. */
  async #untilAnswering(): Promise<void> {
    const { decision, signal } = this.#request;
    const service = this.#world.project.services[decision.service];
    const probe = service && this.#profile.probe?.(environmentOf(service));
    if (!probe) return;
    const labels = [
      `com.docker.compose.project=${this.#world.project.name}`,
      `com.docker.compose.service=${decision.service}`,
    ];
    const replicas = await this.#world.engine.listContainers({ all: true, labels, signal });
    const fresh = replicas.find((replica) => replica.id !== this.#journal.oldContainer?.id);
    if (fresh)
      await untilReady(this.#world, {
        container: fresh.id,
        probe,
        service: decision.service,
        image: decision.toImage,
        signal,
      });
  }

  async #clean(): Promise<void> {
    const old = this.#journal.oldContainer;
    // An anonymous volume may be the old lane: it stays.
    if (old) await this.#world.engine.removeContainer(old.id, { force: true, anonymousVolumes: false });
    await this.#world.files.writeJournal(this.#request.decision.service, undefined);
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
