import type { Clock } from '#base/clock.ts';
import { type Disposable, Disposables } from '#base/disposables.ts';
import type { Owner } from '#base/owner.ts';
import { overriddenImage, overrideService, restoreService, serviceSection } from '#compose/override.ts';
import { AppFailure, cancelled, isKind, toAppError } from '#contract/errors.ts';
import type { RunId, ServiceName } from '#contract/ids.ts';
import { isOtherAlive, thisProcess } from '#disk/owner.ts';
import { debuggerOf } from '#images/debuggers.ts';
import type { Plan } from '#plan/plan.ts';
import type { RunResult } from '#run/events.ts';
import { missing } from '../requestBase.ts';
import type { Execute, Runs } from '../runs.ts';
import { putLease, type SwapLease } from './leases.ts';
import { beforeFileOf, type ProductionFiles, productionFiles, valuesFileOf } from './productionFiles.ts';
import type { ReadySwap } from './swapPlan.ts';

export interface SwapsContext {
  readonly runs: Runs;
  readonly clock: Clock;
  /** Undefined while the files have never been read well. */
  readonly folder: () => string | undefined;
  /** Reads the files again, after the override was written. */
  readonly reload: () => Promise<void>;
  /** What brings one service, alone, to what the files say now. */
  readonly planOne: (service: string, signal: AbortSignal) => Promise<Plan>;
  readonly execute: Execute;
  readonly hasContainer: (service: string) => boolean;
  /** A container of the service was made of this image and started. */
  readonly startedOnce: (service: string, image: string) => boolean;
  /** The leases are others than before. */
  readonly changed: (before: readonly SwapLease[], after: readonly SwapLease[]) => void;
  /** `app` ends leases when their time comes; a single command leaves that to whoever looks next. */
  readonly endsLeases: boolean;
  readonly failed: (thrown: unknown) => void;
}

export interface SwapTerms {
  /** Absent: until it is taken back. */
  readonly until?: number | undefined;
  readonly endOnQuit: boolean;
  readonly values: Readonly<Record<string, string>>;
}

const NOTHING: Plan = { steps: [], hazards: [], warnings: [] };
/** Timers of Node hold at most about 24 days; a longer lease is looked at again then. */
const LONGEST_WAIT_MS = 20 * 24 * 60 * 60 * 1000;

/**
 * Services that run production's image for a while. What is swapped stands in the override and in `.slipway/swaps.json`, in that
 * order of truth: whatever is cut off where, the next start brings the container to what the override says.
 */
export class Swaps implements Disposable {
  readonly #context: SwapsContext;
  readonly #disposables = new Disposables();
  #leases: readonly SwapLease[] = [];
  #timer: AbortController | undefined;

  constructor(context: SwapsContext) {
    this.#context = context;
    this.#disposables.defer(() => this.#timer?.abort());
  }

  get leases(): readonly SwapLease[] {
    return this.#leases;
  }

  /** Reads the leases again: another Slipway may have begun or ended one. */
  async refresh(): Promise<void> {
    const folder = this.#context.folder();
    if (folder !== undefined) this.#take(await productionFiles(folder).readLeases());
  }

  /** Replaces the service's container; the run's first step is the pull, during which nothing changes yet. */
  swap(ready: ReadySwap, terms: SwapTerms): { readonly run: RunId } {
    const { service, image } = ready;
    return this.#context.runs.begin({
      kind: 'swap',
      title: `Run production's ${service}`,
      first: ready.onMachine ? NOTHING : pullPlan(service, image),
      next: once((signal) => this.#commit(ready, terms, signal)),
      execute: async (plan, options) => {
        const result = await settled(this.#context.execute(plan, options), options.signal);
        if (isPull(plan)) return result;
        await this.#judge(service, image, result);
        return result;
      },
    });
  }

  /** Brings the local image back, and takes away what the swap decided. */
  unswap(service: string): { readonly run: RunId } {
    const lease = this.#leases.find((entry) => entry.service === service);
    if (lease === undefined) throw missing(`swap of ${service}`, `${service} runs its own image.`);
    return this.#context.runs.begin({
      kind: 'unswap',
      title: `Back to the local ${service}`,
      first: NOTHING,
      next: once((signal) => this.#uncommit(lease, signal)),
      execute: async (plan, options) => {
        const result = await settled(this.#context.execute(plan, options), options.signal);
        if (plan !== NOTHING && result.outcome === 'done') await this.#forget(lease);
        return result;
      },
    });
  }

  async extend(service: string, until: number | undefined): Promise<void> {
    await this.#change((leases) => {
      const lease = leases.find((entry) => entry.service === service);
      if (lease === undefined) throw missing(`swap of ${service}`, `${service} runs its own image.`);
      const { until: _, ...rest } = lease;
      return putLease(leases, { ...rest, ...(until === undefined ? {} : { until }) });
    });
  }

  /** Finishes what a killed Slipway left in the middle, then ends what has run out. Call it when the engine is there. */
  async recover(): Promise<void> {
    await this.refresh();
    const working = await Promise.all(this.#leases.map(isOtherAlive));
    const broken = this.#leases.filter(({ phase }, index) => phase !== 'settled' && !working[index]);
    if (broken.length > 0) await this.#finish(broken);
    this.#watchLeases();
  }

  /** Ends the leases that are to end with Slipway itself; resolves when that is done. */
  async leave(): Promise<void> {
    if (!this.#context.endsLeases) return;
    for (const { service, endOnQuit } of this.#leases) {
      if (!endOnQuit) continue;
      const { run } = this.unswap(service);
      await this.#context.runs.wait(run);
    }
  }

  dispose(): Promise<void> {
    return this.#disposables.dispose();
  }

  get #files(): ProductionFiles {
    const folder = this.#context.folder();
    if (folder === undefined) throw missing('project', 'The project has not been read yet.');
    return productionFiles(folder);
  }

  async #commit(ready: ReadySwap, terms: SwapTerms, signal: AbortSignal): Promise<Plan> {
    const { service, decision } = ready;
    const override = await this.#files.readOverride();
    const before = this.#leases.find((entry) => entry.service === service);
    const section = before === undefined ? serviceSection(override, service) : undefined;
    const withValues = Object.keys(terms.values).length > 0;
    const now = this.#context.clock.now();
    const lease = newLease({
      ready,
      terms,
      before,
      override,
      hasSection: section !== undefined,
      now,
      owner: await thisProcess(),
    });
    // The lease first: whatever stands beside it then has somebody who takes it away.
    await this.#put(lease);
    if (section !== undefined) await this.#files.writeBefore(beforeFileOf(service), section);
    if (withValues) await this.#files.writeValues(valuesFileOf(service), terms.values);
    const cleared = before === undefined ? override : await withoutLease(this.#files, override, before);
    await this.#files.writeOverride(overrideService(cleared, service, decision.override));
    try {
      await this.#context.reload();
      return await this.#context.planOne(service, signal);
    } catch (thrown) {
      // No container was touched: the files go back, and that is all.
      await this.#files.writeOverride(override);
      await (before ? this.#put(before) : this.#forget(lease));
      await this.#context.reload();
      throw thrown;
    }
  }

  /** A production image that starts and then fails is what was asked for; one that could never start leaves the local one. */
  async #judge(service: string, image: string, result: RunResult): Promise<void> {
    const lease = this.#leases.find((entry) => entry.service === service);
    if (lease === undefined) return;
    const keep =
      result.outcome === 'done' || (result.outcome === 'failed' && this.#context.startedOnce(service, image));
    if (keep) {
      await this.#put({ ...lease, phase: 'settled' });
      return;
    }
    // Not with the run's signal: a cancel has to put things back.
    const signal = new AbortController().signal;
    const plan = await this.#uncommit(lease, signal);
    const back = await settled(this.#context.execute(plan, { onEvent: () => undefined, signal }), signal);
    if (back.outcome === 'done') await this.#forget(lease);
  }

  async #uncommit(lease: SwapLease, signal: AbortSignal): Promise<Plan> {
    await this.#put({ ...lease, phase: 'ending', ...(await thisProcess()) });
    await this.#files.writeOverride(await withoutLease(this.#files, await this.#files.readOverride(), lease));
    await this.#context.reload();
    return this.#context.planOne(lease.service, signal);
  }

  async #forget({ service, valuesFile, beforeFile }: SwapLease): Promise<void> {
    if (valuesFile !== undefined) await this.#files.removeValues(valuesFile);
    if (beforeFile !== undefined) await this.#files.removeValues(beforeFile);
    await this.#change((leases) => leases.filter((entry) => entry.service !== service));
  }

  /** One run for all that was cut off: the override says which way each goes. */
  async #finish(broken: readonly SwapLease[]): Promise<void> {
    const { runs, clock } = this.#context;
    const services = broken.map(({ service }) => service);
    const { run } = runs.beginFree({
      kind: 'swap',
      title: `Recover ${services.join(' and ')}`,
      steps: broken.map(({ service }, index) => ({
        kind: 'restart',
        label: `bring ${service} to what the override says`,
        cause: 'a swap was cut off',
        after: index === 0 ? [] : [index],
        service: service as ServiceName,
      })),
      work: async (onEvent, signal) => {
        for (const [index, lease] of broken.entries()) {
          const step = index + 1;
          onEvent({ type: 'stepStarted', step, at: clock.now() });
          onEvent({ type: 'stepDone', step, at: clock.now(), note: await this.#finishOne(lease, signal) });
        }
      },
    });
    await runs.wait(run);
  }

  async #finishOne(lease: SwapLease, signal: AbortSignal): Promise<string> {
    const { service, image } = lease;
    const stays = overriddenImage(await this.#files.readOverride(), service) === image;
    // A stack that is down stays down: there is nothing that could be half swapped.
    if (this.#context.hasContainer(service)) {
      const plan = await this.#context.planOne(service, signal);
      const result = await this.#context.execute(plan, { onEvent: () => undefined, signal });
      if (result.outcome === 'cancelled') throw cancelled();
      const [failure] = result.outcome === 'failed' ? result.failures : [];
      if (failure && !(stays && this.#context.startedOnce(service, image)))
        throw new AppFailure(failure.error);
    }
    if (!stays) await this.#forget(lease);
    else await this.#put({ ...lease, phase: 'settled' });
    return stays ? 'finished: it runs the production image' : 'rolled back: it runs the local image';
  }

  #put(lease: SwapLease): Promise<void> {
    return this.#change((leases) => putLease(leases, lease));
  }

  async #change(change: (leases: readonly SwapLease[]) => readonly SwapLease[]): Promise<void> {
    this.#take(await this.#files.updateLeases(change));
  }

  #take(leases: readonly SwapLease[]): void {
    const before = this.#leases;
    if (JSON.stringify(before) === JSON.stringify(leases)) return;
    this.#leases = leases;
    this.#context.changed(before, leases);
    this.#watchLeases();
  }

  /** Sleeps until the next lease runs out and ends it; while another run is at work, after that. */
  #watchLeases(): void {
    this.#timer?.abort();
    if (!this.#context.endsLeases || this.#disposables.disposed) return;
    const timer = new AbortController();
    this.#timer = timer;
    this.#untilEnd(timer.signal).then(
      (due) =>
        due ? this.#endOverdue().catch((thrown: unknown) => this.#context.failed(thrown)) : undefined,
      () => undefined, // looked at anew, or closed
    );
  }

  /** Sleeps until a lease may have run out; false where none ever does. */
  async #untilEnd(signal: AbortSignal): Promise<boolean> {
    const settledOnes = this.#leases.filter(({ phase }) => phase === 'settled');
    const times = (await Promise.all(settledOnes.map(endOf))).filter((time) => time !== undefined);
    if (times.length === 0) return false;
    const { clock } = this.#context;
    await clock.sleep(Math.min(Math.max(0, Math.min(...times) - clock.now()), LONGEST_WAIT_MS), signal);
    return true;
  }

  async #firstDue(now: number): Promise<SwapLease | undefined> {
    for (const lease of this.#leases)
      if (lease.phase === 'settled' && ((await endOf(lease)) ?? now + 1) <= now) return lease;
    return undefined;
  }

  async #endOverdue(): Promise<void> {
    await this.refresh();
    const now = this.#context.clock.now();
    const due = await this.#firstDue(now);
    if (due === undefined) return this.#watchLeases();
    try {
      const { run } = this.unswap(due.service);
      await this.#context.runs.wait(run);
    } catch (thrown) {
      if (!isKind(thrown, 'run.busy')) throw thrown;
      const busy = this.#context.runs.current?.record.id;
      if (busy !== undefined) await this.#context.runs.wait(busy);
    }
    // What could not be ended (no engine) is tried again with the next change, not in a loop.
    if (this.#leases.some(({ service, phase }) => service === due.service && phase === 'settled'))
      this.#watchLeases();
  }
}

/** When a lease runs out. One that was to end with its Slipway, and whose Slipway is gone, has. */
async function endOf(lease: SwapLease): Promise<number | undefined> {
  const orphaned = lease.endOnQuit && lease.pid !== process.pid && !(await isOtherAlive(lease));
  return orphaned ? 0 : lease.until;
}

/** The override without what a swap decided, and with what the swap had taken the place of. */
export async function withoutLease(
  files: Pick<ProductionFiles, 'readBefore'>,
  override: string | undefined,
  lease: SwapLease,
): Promise<string | undefined> {
  const { service, attributes, environment = [], beforeFile, imageBefore } = lease;
  const section = beforeFile === undefined ? undefined : await files.readBefore(beforeFile);
  const back = restoreService(override, service, { attributes, environment, section });
  return overrideService(back, service, { image: imageBefore ?? null });
}

interface NewLease {
  readonly ready: ReadySwap;
  readonly terms: SwapTerms;
  readonly before: SwapLease | undefined;
  readonly override: string | undefined;
  readonly hasSection: boolean;
  readonly now: number;
  readonly owner: Owner;
}

/** From one production image to another, what was there before the first counts. */
function newLease({ ready, terms, before, override, hasSection, now, owner }: NewLease): SwapLease {
  const { service, image, shownImage, decision } = ready;
  const beforeFile = hasSection ? beforeFileOf(service) : before?.beforeFile;
  // A file of an earlier swap goes with the last.
  const withValues = Object.keys(terms.values).length > 0 || before?.valuesFile !== undefined;
  return {
    service,
    image,
    shownImage,
    since: now,
    ...(terms.until === undefined ? {} : { until: terms.until }),
    endOnQuit: terms.endOnQuit,
    phase: 'begun',
    ...owner,
    imageBefore: before ? before.imageBefore : overriddenImage(override, service),
    attributes: [...new Set([...(before?.attributes ?? []), ...decision.attributes])],
    environment: [...new Set([...(before?.environment ?? []), ...decision.unset])],
    ...(withValues ? { valuesFile: valuesFileOf(service) } : {}),
    ...(beforeFile === undefined ? {} : { beforeFile }),
    ...(decision.debug === undefined ? {} : { debug: debugOf(ready) }),
  };
}

/** For the records: no value, and no secret of a command line. */
function debugOf({ decision, debug }: ReadySwap): NonNullable<SwapLease['debug']> {
  const tool = debug?.debugger;
  return {
    ...(decision.debug?.startByHand === undefined ? {} : { startByHand: decision.debug.startByHand }),
    ...(tool === undefined ? {} : { title: debuggerOf(tool.id).title, hostPort: tool.hostPort }),
  };
}

function pullPlan(service: string, image: string): Plan {
  const cause = 'it is not on this machine';
  const services = [service as ServiceName];
  return {
    ...NOTHING,
    steps: [{ kind: 'pull', index: 1, after: [], cause, image, services, onFailure: 'fail' }],
  };
}

function isPull(plan: Plan): boolean {
  return plan === NOTHING || (plan.steps.length === 1 && plan.steps[0]?.kind === 'pull');
}

/** A plan's end as a result, thrown ends too: what follows has to look at every one. */
async function settled(work: Promise<RunResult>, signal: AbortSignal): Promise<RunResult> {
  try {
    return await work;
  } catch (thrown) {
    if (signal.aborted) return { outcome: 'cancelled' };
    return { outcome: 'failed', failures: [{ step: 0, error: toAppError(thrown) }] };
  }
}

/** The plan after the first, and no more. */
function once(make: (signal: AbortSignal) => Promise<Plan>) {
  let made = false;
  return async (signal: AbortSignal): Promise<Plan | undefined> => {
    if (made) return undefined;
    made = true;
    return make(signal);
  };
}
