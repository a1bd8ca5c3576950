import type { Clock } from '#base/clock.ts';
import { parseImageReference } from '#base/imageReference.ts';
import type { TextStore } from '#base/textStore.ts';
import type { Project } from '#compose/project.ts';
import { requireServices } from '#compose/unknownService.ts';
import { AppFailure, isKind } from '#contract/errors.ts';
import type { ContainerId, RunId, ServiceName } from '#contract/ids.ts';
import type { SwitchPlanView, VersionMenu } from '#contract/requests/versions.ts';
import { isOtherAlive, thisProcess } from '#disk/owner.ts';
import type { ContainerSummary } from '#engine/containers.ts';
import type { Engine } from '#engine/engine.ts';
import { parseLanes } from '#middleware/lane.ts';
import { type DataChoice, decideSwitch, type VersionSwitch } from '#middleware/switch/decide.ts';
import { runSwitch } from '#middleware/switch/execute.ts';
import { parseJournal } from '#middleware/switch/journal.ts';
import { recoverSwitch } from '#middleware/switch/recover.ts';
import { switchSteps } from '#middleware/switch/steps.ts';
import type { StepProgress, SwitchStep, SwitchWorld } from '#middleware/switch/world.ts';
import { isAwaitedToEnd } from '#plan/input.ts';
import type { RunEvent } from '#run/events.ts';
import { missing } from '../requestBase.ts';
import type { Runs } from '../runs.ts';
import type { FreeStep } from '../runTracker.ts';
import { CarryWatch, estimateCarry, learnCarry, parseRates } from './carryRates.ts';
import { dataSize } from './dataSize.ts';
import { cutOffSwitch, failedSwitch } from './failedSwitch.ts';
import { FailedSwitches } from './failedSwitches.ts';
import { beginReindex } from './reindex.ts';
import { slipwayFiles } from './slipwayFiles.ts';
import { shifted, stepEvents } from './switchEvents.ts';
import { planText } from './switchText.ts';
import { versionMenu } from './versionMenu.ts';

/** What switches need of their project. */
export interface VersionsContext {
  readonly runs: Runs;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Throws what is wrong with the files. */
  readonly project: () => Project;
  /** The project as it would be with another override. */
  readonly loadWith: (override: string | undefined) => Promise<Project>;
  /** Reads the files again, after the override was written. */
  readonly reload: () => Promise<void>;
  /** Throws `engine.*` while there is no engine. */
  readonly engine: () => Engine;
  readonly apiVersion: () => string;
  readonly pull: (
    image: string,
    onBytes: (current: number, total: number | undefined) => void,
    signal: AbortSignal | undefined,
  ) => Promise<void>;
  readonly bootService: SwitchWorld['bootService'];
  /** The tag that production runs, where its manifest has been read. */
  readonly productionTag: (service: string) => string | undefined;
  readonly listTags: (image: string) => Promise<readonly string[]>;
  /** The project's own files in the state folder. */
  readonly store: TextStore;
  /** What was learned of how long carries take on this machine. */
  readonly rates: { read(): Promise<string | undefined>; write(text: string): Promise<void> };
}

interface Target {
  readonly service: string;
  readonly to: string;
  readonly data?: DataChoice | undefined;
}

/** A switch as it will run. */
interface Decided {
  readonly decision: VersionSwitch;
  readonly container: ContainerSummary | undefined;
  /** Of data to carry, where that could be told. */
  readonly bytes: number | undefined;
  readonly steps: readonly SwitchStep[];
}

/** Versions of one project's services: what there is to choose, what a choice would do, and doing it. */
export class Versions {
  readonly #context: VersionsContext;
  readonly #failed: FailedSwitches;

  constructor(context: VersionsContext) {
    this.#context = context;
    this.#failed = new FailedSwitches(context.store);
  }

  async menu(service: string): Promise<VersionMenu> {
    const project = this.#context.project();
    requireServices(project, [service]);
    const image = project.services[service]?.image;
    if (image === undefined)
      throw missing(`service ${service}`, `${service} runs no image that has versions.`);
    const menu = versionMenu({
      ...this.#context,
      project,
      service,
      image,
      files: this.#files(project),
      productionTag: this.#context.productionTag(service),
    });
    const [dataBytes, failed] = await Promise.all([this.#bytes(project, service), this.#failed.of(service)]);
    return { ...(await menu), dataBytes, failed };
  }

  async plan(target: Target): Promise<SwitchPlanView> {
    const { decision, project } = await this.#decide(target);
    const text = planText(decision, project);
    if (!text.choices.some(({ data }) => data === 'carry')) return text;
    const bytes = await this.#bytes(project, target.service);
    if (bytes === undefined) return text;
    const rates = parseRates(await this.#context.rates.read());
    const ms = estimateCarry(rates, decision.product, bytes);
    return {
      ...text,
      choices: text.choices.map((choice) => (choice.data === 'carry' ? { ...choice, ms } : choice)),
      ...(decision.data === 'carry' && { estimate: { bytes, ms } }),
    };
  }

  switch(target: Target): Promise<{ readonly run: RunId }> {
    return this.switchMany([target]);
  }

  forgetFailure(service: string): Promise<void> {
    return this.#failed.forget(service);
  }

  async reindex(service: string): Promise<{ readonly run: RunId }> {
    const { runs, clock, engine, project } = this.#context;
    await runs.makeRoom();
    return beginReindex({ runs, clock, engine: engine(), project: project(), service });
  }

  /** Several services in one run, one after the other; all are decided before the first begins, and a failure ends it. */
  async switchMany(targets: readonly Target[]): Promise<{ readonly run: RunId }> {
    await this.#context.runs.makeRoom();
    const decided: Decided[] = [];
    for (const target of targets) decided.push(await this.#decideWhole(target));
    this.#context.runs.requireFree();
    const names = decided.map(({ decision }) => `${decision.service} to ${tagOf(decision.toImage)}`);
    const all = decided.flatMap(({ decision, steps }) =>
      steps.map((step) => ({ step, service: decision.service })),
    );
    return this.#context.runs.beginFree({
      kind: 'switch',
      title: `Switch ${names.join(', ')}`,
      steps: all.map(({ step, service }, index) => asStep(step, index, service)),
      work: async (onEvent, signal) => {
        let before = 0;
        for (const one of decided) {
          await this.#switchOne(one, { onEvent: shifted(onEvent, before), signal });
          before += one.steps.length;
        }
      },
    });
  }

  async #decideWhole(target: Target): Promise<Decided> {
    const { decision, project, container } = await this.#decide(target);
    const bytes = decision.data === 'carry' ? await this.#bytes(project, target.service) : undefined;
    return {
      decision,
      container,
      bytes,
      steps: switchSteps(decision, dependentsOf(project, decision.service)),
    };
  }

  async #switchOne(
    { decision, container, bytes, steps }: Decided,
    { onEvent, signal }: { readonly onEvent: (event: RunEvent) => void; readonly signal: AbortSignal },
  ): Promise<void> {
    const watch = new CarryWatch(() => this.#context.clock.monotonic());
    const show = stepEvents(steps, onEvent, this.#context.clock);
    const tell = (progress: StepProgress) => {
      watch.hear(progress);
      show(progress);
    };
    try {
      const owner = await thisProcess();
      await runSwitch(this.#world(this.#context.project(), tell), {
        decision,
        container,
        bytes,
        owner,
        signal,
      });
      await this.#noteDone(decision, watch, bytes);
    } catch (thrown) {
      if (!isKind(thrown, 'cancelled')) await this.#remember(decision, thrown);
      throw thrown;
    } finally {
      await this.#context.reload();
    }
  }

  /** The switch stands, whether or not these notes can be written: a full disk must not make it a failed one. */
  async #noteDone(decision: VersionSwitch, watch: CarryWatch, bytes: number | undefined): Promise<void> {
    await this.#failed.forget(decision.service).catch(() => undefined);
    await this.#learn(decision.product, watch, bytes).catch(() => undefined);
  }

  /** A full disk may be why the switch failed: then this cannot be written either, and the first reason is what counts. */
  async #remember(decision: VersionSwitch, thrown: unknown): Promise<void> {
    const failed = failedSwitch(decision, thrown, this.#context.clock.now());
    await this.#failed.put(decision.service, failed).catch(() => undefined);
  }

  /** Throws `run.busy` while another Slipway switches a service of this project: its old container must stay stopped. */
  async requireUndisturbed(project: Project): Promise<void> {
    const files = this.#files(project);
    for (const service of await files.journals()) {
      const journal = parseJournal((await files.readJournal(service)) ?? '');
      if (journal === 'torn' || !(await isOtherAlive(journal.owner))) continue;
      throw new AppFailure({
        kind: 'run.busy',
        workspace: project.workingDir,
        running: `Switch ${service}`,
        message: `Another Slipway switches ${service} to ${journal.decision.toImage} at this moment.`,
        hint: 'Wait for it, or cancel it there.',
      });
    }
  }

  /** Begins a run that finishes or rolls back the switches that were cut off; nothing where there are none. */
  async beginRecovery(): Promise<void> {
    const project = this.#context.project();
    const services = await this.#files(project).journals();
    if (services.length === 0) return;
    this.#context.runs.beginFree({
      kind: 'switch',
      title: `Recover ${services.join(' and ')}`,
      steps: services.map((service, index) => ({
        kind: 'restore',
        label: `finish or roll back the version switch of ${service}`,
        cause: 'it was cut off',
        after: index === 0 ? [] : [index],
        service: service as ServiceName,
      })),
      work: async (onEvent) => {
        for (const [index, service] of services.entries())
          await this.#recover(project, service, index + 1, onEvent);
        await this.#context.reload();
      },
    });
  }

  #bytes(project: Project, service: string): Promise<number | undefined> {
    return dataSize({ engine: this.#context.engine(), clock: this.#context.clock, project, service });
  }

  async #learn(product: string, watch: CarryWatch, bytes: number | undefined): Promise<void> {
    if (bytes === undefined) return;
    const { rates } = this.#context;
    const learned = learnCarry(parseRates(await rates.read()), product, { bytes, ...watch.measure() });
    await rates.write(`${JSON.stringify(learned)}\n`);
  }

  async #recover(
    project: Project,
    service: string,
    step: number,
    onEvent: (event: RunEvent) => void,
  ): Promise<void> {
    const { clock } = this.#context;
    onEvent({ type: 'stepStarted', step, at: clock.now() });
    const recovery = await recoverSwitch(
      this.#world(project, () => undefined),
      service,
      isOtherAlive,
    );
    if (recovery.type === 'rolledBack')
      await this.#failed.put(service, cutOffSwitch(recovery.journal.decision, clock.now()));
    onEvent({ type: 'stepDone', step, at: clock.now(), note: RECOVERED[recovery.type] });
  }

  async #decide(
    target: Target,
  ): Promise<{ decision: VersionSwitch; project: Project; container: ContainerSummary | undefined }> {
    const project = this.#context.project();
    const engine = this.#context.engine();
    const labels = [
      `com.docker.compose.project=${project.name}`,
      `com.docker.compose.service=${target.service}`,
      'com.docker.compose.oneoff=False',
    ];
    const [containers, volumes, lanes] = await Promise.all([
      engine.listContainers({ all: true, labels }),
      engine.listVolumes({}),
      this.#files(project).readLanes(),
    ]);
    if (containers.length > 1) {
      throw new AppFailure({
        kind: 'input.invalid',
        message: `${target.service} has ${containers.length} containers on one data directory; scale it to one first.`,
      });
    }
    const [container] = containers;
    const decision = decideSwitch({
      ...target,
      project,
      hostname: container && (await hostnameOf(engine, container.id)),
      mounts: container?.mounts ?? [],
      lanes: parseLanes(lanes),
      volumes: new Set(volumes.map((volume) => volume.name)),
    });
    return { decision, project, container };
  }

  #files(project: Project) {
    return slipwayFiles(project.workingDir);
  }

  #world(project: Project, onStep: (progress: StepProgress) => void): SwitchWorld {
    const { clock, newId, loadWith, pull } = this.#context;
    const engine = this.#context.engine();
    return {
      engine,
      apiVersion: this.#context.apiVersion(),
      clock,
      newId,
      project,
      files: this.#files(project),
      loadWith,
      ensureImage: async (image, onBytes, signal) => {
        if ((await engine.inspectImage(image, { signal })) === undefined) await pull(image, onBytes, signal);
      },
      bootService: async (request) => {
        await this.#context.reload();
        return this.#context.bootService(request);
      },
      onStep,
    };
  }
}

async function hostnameOf(engine: Engine, id: ContainerId): Promise<string | undefined> {
  const config = (await engine.inspectContainer(id)).raw['Config'] as
    | { readonly Hostname?: string }
    | undefined;
  return config?.Hostname || undefined;
}

const RECOVERED = {
  nothing: 'nothing was left to do',
  busy: 'another Slipway is at it',
  rolledBack: 'rolled back: the old version runs on its data',
  finished: 'finished: the new version runs',
} as const;

/** Who uses the service while it runs: where a one-shot (a migration) waits for it, those that wait for the one-shot. */
export function dependentsOf(project: Project, service: string): readonly string[] {
  const found = Object.entries(project.services).flatMap(([name, other]) => {
    if (other.depends_on?.[service] === undefined) return [];
    return isAwaitedToEnd(project, name) ? dependentsOf(project, name) : [name];
  });
  return [...new Set(found)].sort();
}

function asStep({ kind, label, cause }: SwitchStep, index: number, service: string): FreeStep {
  return { kind, label, cause, after: index === 0 ? [] : [index], service: service as ServiceName };
}

function tagOf(image: string): string {
  return parseImageReference(image)?.tag ?? image;
}
