import type { Clock } from '#base/clock.ts';
import type { Disposable } from '#base/disposables.ts';
import { parseImageReference } from '#base/imageReference.ts';
import type { Project } from '#compose/project.ts';
import { requireServices } from '#compose/unknownService.ts';
import { AppFailure } from '#contract/errors.ts';
import type { RunId } from '#contract/ids.ts';
import type { ServiceRecord } from '#contract/model.ts';
import type {
  ComparisonView,
  ContainerChanges,
  DriftView,
  LockView,
  PreflightView,
  ProductionView,
  SwapPlanView,
} from '#contract/requests/production.ts';
import type { Engine } from '#engine/engine.ts';
import type { RegistryAuth } from '#engine/images.ts';
import type { DebuggerId } from '#images/debuggers.ts';
import { commandConsent, commandLine } from '#images/environments.ts';
import { fetchManifest } from '#images/fetchManifest.ts';
import type { ProductionContainer, ProductionManifest } from '#images/manifest/manifest.ts';
import { parseManifest } from '#images/manifest/parseManifest.ts';
import { type RemoteImage, resolveImage } from '#images/registry/remoteImage.ts';
import { listTags } from '#images/registry/tags.ts';
import { compareVersions, parseVersion } from '#middleware/version.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import { missing } from '../requestBase.ts';
import type { Runs } from '../runs.ts';
import { compareImages } from './compareImages.ts';
import type { ConfirmedCommands } from './confirmedCommands.ts';
import { containerOf, driftReport, wantedImage } from './driftReport.ts';
import {
  chooseEnvironment,
  type KnownEnvironment,
  knownEnvironments,
  productionView,
  withEnvironment,
} from './environments.ts';
import { LastLook } from './lastLook.ts';
import { localImage } from './localSide.ts';
import { writeLock } from './lock.ts';
import { preflightReport } from './preflightReport.ts';
import { productionFiles } from './productionFiles.ts';
import { checkNames, debugChoice } from './swapAsk.ts';
import { DEFAULT_LEASE_MS, prepareSwap, type ReadySwap, swapPlanView } from './swapPlan.ts';
import { Swaps, type SwapsContext, withoutLease } from './swaps.ts';

/** What production needs of its project. */
export interface ProductionContext extends SwapsContext {
  readonly runs: Runs;
  readonly clock: Clock;
  /** Throws what is wrong with the files. */
  readonly project: () => Project;
  /** Throws `engine.*` while there is no engine. */
  readonly engine: () => Engine;
  /** The project as it would be with another override. */
  readonly loadWith: (override: string | undefined) => Promise<Project>;
  /** A container of the service. Throws `notFound`. */
  readonly replica: (service: string) => ObservedContainer;
  readonly authFor: (image: string) => Promise<RegistryAuth | undefined>;
  readonly fetch: typeof fetch;
  /** For the user's own commands. */
  readonly environment: Readonly<Record<string, string>>;
  readonly confirmed: ConfirmedCommands;
}

interface Asked {
  readonly environment?: string | undefined;
  readonly consents?: readonly string[] | undefined;
}
export interface SwapAsk extends Asked {
  readonly service: string;
  readonly image?: string | undefined;
  readonly keepMounts?: boolean | undefined;
  readonly keepCommand?: boolean | undefined;
  /** null: until it is taken back. */
  readonly leaseMs?: number | null | undefined;
  readonly endOnQuit?: boolean | undefined;
  readonly values?: Readonly<Record<string, string>> | undefined;
  readonly debug?:
    | {
        readonly idle?: boolean | undefined;
        readonly debugger?: DebuggerId | undefined;
        readonly port?: number | undefined;
      }
    | undefined;
}

/** Production on this machine, for one project: what it runs, how far we are from it, and its image in a service's place. */
export class Production implements Disposable {
  readonly swaps: Swaps;
  readonly #context: ProductionContext;
  readonly #lastLook = new LastLook();

  constructor(context: ProductionContext) {
    this.#context = context;
    this.swaps = new Swaps(context);
  }

  async view(): Promise<ProductionView> {
    const project = this.#context.project();
    const confirmed = await this.#context.confirmed.all();
    return productionView(
      await knownEnvironments(project, this.#files(project)),
      (consent) => confirmed.has(consent),
      project.workingDir,
    );
  }

  async addEnvironment(name: string, source: { readonly type: string }): Promise<void> {
    const { type: _, ...rest } = source;
    const files = this.#files(this.#context.project());
    await files.writeEnvironments(withEnvironment(await files.readEnvironments(), name, rest));
  }

  async removeEnvironment(name: string): Promise<void> {
    const files = this.#files(this.#context.project());
    await files.writeEnvironments(withEnvironment(await files.readEnvironments(), name, null));
  }

  async drift(asked: Asked, signal?: AbortSignal): Promise<DriftView> {
    const project = this.#context.project();
    const { environment, manifest } = await this.#manifest(project, asked, signal);
    const view = await driftReport({
      project,
      environment,
      manifest,
      engine: this.#context.engine(),
      resolve: await this.#resolver(signal),
      now: this.#context.clock.now(),
      signal,
    });
    this.#lastLook.remember(project, view);
    const { leases } = this.swaps;
    this.#context.changed(leases, leases);
    return view;
  }

  /** The tag that production ran for a service when it was looked at last; undefined before that. */
  knownTag(service: string): string | undefined {
    return this.#lastLook.tag(service);
  }

  /** How a service was apart from production when that was looked at last. */
  apart(project: Project, service: string): ServiceRecord['apart'] {
    return this.#lastLook.apart(project, service);
  }

  async swapPlan(ask: SwapAsk, signal?: AbortSignal): Promise<SwapPlanView> {
    const ready = await this.#prepare(ask, signal);
    return swapPlanView(ready, await this.#withoutSwap(ask.service), ask.leaseMs ?? undefined);
  }

  async swap(ask: SwapAsk, signal?: AbortSignal): Promise<{ readonly run: RunId }> {
    await this.#context.runs.makeRoom();
    checkNames(ask.values ?? {});
    const ready = await this.#prepare(ask, signal);
    const leaseMs = ask.leaseMs === undefined ? DEFAULT_LEASE_MS : ask.leaseMs;
    return this.swaps.swap(ready, {
      ...(leaseMs === null ? {} : { until: this.#context.clock.now() + leaseMs }),
      endOnQuit: ask.endOnQuit ?? false,
      values: await this.#values(ask, ready),
    });
  }

  async unswap(service: string): Promise<{ readonly run: RunId }> {
    await this.#context.runs.makeRoom();
    return this.swaps.unswap(service);
  }

  async extendLease(service: string, leaseMs: number | null): Promise<void> {
    const until = leaseMs === null ? undefined : this.#context.clock.now() + leaseMs;
    await this.swaps.extend(service, until);
  }

  /** Tags that name a version, oldest first; what has no number has no place in a row of releases. */
  async releases(
    ask: Asked & { readonly service: string },
    signal?: AbortSignal,
  ): Promise<{ readonly repository: string; readonly tags: readonly string[] }> {
    const project = await this.#withoutSwap(ask.service);
    const container = await this.#container(project, ask, signal);
    const repository = (container?.image ?? '').replace(/@.*$/, '').replace(/:[^/:]*$/, '');
    const { registryMirrors: mirrors } = await this.#context.engine().info({ signal });
    const { authFor, fetch } = this.#context;
    const tags = await listTags({ image: repository, mirrors, authFor, fetch, signal });
    const versions = tags.flatMap((tag) => parseVersion(tag) ?? []);
    return {
      repository,
      tags: versions
        .sort(compareVersions)
        .reverse()
        .map(({ tag }) => tag),
    };
  }

  /** Of the given images, or of everything that this stack and production run. */
  async preflight(images: readonly string[] | undefined, signal?: AbortSignal): Promise<PreflightView> {
    return preflightReport({
      images: images ?? (await this.#allImages(signal)),
      engine: this.#context.engine(),
      authFor: this.#context.authFor,
      fetch: this.#context.fetch,
      signal,
    });
  }

  async compare(
    asked: { readonly left: string; readonly right: string; readonly files?: boolean | undefined },
    signal?: AbortSignal,
  ): Promise<ComparisonView> {
    const project = this.#context.project();
    // A service's name stands for the image that it runs here.
    const imageOf = (name: string) =>
      Object.hasOwn(project.services, name) ? localImage(project, name) : name;
    return compareImages({
      left: imageOf(asked.left),
      right: imageOf(asked.right),
      files: asked.files ? 'look' : 'skip',
      engine: this.#context.engine(),
      resolve: await this.#resolver(signal),
      folder: project.workingDir,
      signal,
    });
  }

  lock(signal?: AbortSignal): Promise<LockView> {
    return writeLock(this.#context.project(), this.#context.engine(), signal);
  }

  dispose(): Promise<void> {
    return this.swaps.dispose();
  }

  /** A source that cannot be read, or wants a consent, adds nothing here: drift says why. */
  async #allImages(signal: AbortSignal | undefined): Promise<readonly string[]> {
    const project = this.#context.project();
    const own = Object.values(project.services).flatMap(({ build, image }) =>
      build === undefined && image !== undefined ? [image] : [],
    );
    const { environments } = await knownEnvironments(project, this.#files(project));
    const read = ({ name }: KnownEnvironment) => this.#manifest(project, { environment: name }, signal);
    const manifests = await Promise.allSettled(environments.map(read));
    const theirs = manifests.flatMap((result) =>
      result.status === 'fulfilled' ? result.value.manifest.containers.map(wantedImage) : [],
    );
    return [...new Set([...own, ...theirs])].sort();
  }

  #files(project: Project) {
    return productionFiles(project.workingDir);
  }

  async #prepare(ask: SwapAsk, signal: AbortSignal | undefined): Promise<ReadySwap> {
    requireServices(this.#context.project(), [ask.service]);
    const project = await this.#withoutSwap(ask.service);
    const container = await this.#container(project, ask, signal);
    const shownImage = this.#shownImage(project, ask, container);
    const wanted = ask.image === undefined && container ? wantedImage(container) : shownImage;
    return prepareSwap({
      project,
      target: { ...ask, shownImage, wanted, container },
      engine: this.#context.engine(),
      resolve: await this.#resolver(signal),
      given: Object.keys(ask.values ?? {}),
      debug: await debugChoice(ask.debug),
      signal,
    });
  }

  /** What was given, and what a debugger wants on top of what there is. */
  async #values(ask: SwapAsk, { decision }: ReadySwap): Promise<Readonly<Record<string, string>>> {
    const given = ask.values ?? {};
    const more = decision.debug?.environment;
    if (more === undefined) return given;
    const { services } = await this.#withoutSwap(ask.service);
    const had = given[more.name] ?? services[ask.service]?.environment?.[more.name] ?? '';
    return { ...given, [more.name]: `${had} ${more.add}`.trim() };
  }

  /** What the service's container has changed against its image: what `docker diff` shows. */
  async changes(service: string, signal?: AbortSignal): Promise<ContainerChanges> {
    const { id, image } = this.#context.replica(service);
    const found = await this.#context.engine().changes(id, { signal });
    // A folder is modified whenever something in it is: only what is new or gone of folders says something.
    const parents = new Set(found.flatMap(({ path }) => path.replace(/\/[^/]*$/, '')));
    const own = found.filter(({ path, kind }) => kind !== 'modified' || !parents.has(path));
    return { image, changes: own.slice(0, MOST_CHANGES), more: Math.max(0, own.length - MOST_CHANGES) };
  }

  /** The project as it is when the service runs its own image: a second swap replaces the first. */
  async #withoutSwap(service: string): Promise<Project> {
    const project = this.#context.project();
    const lease = this.swaps.leases.find((entry) => entry.service === service);
    if (lease === undefined) return project;
    const files = this.#files(project);
    return this.#context.loadWith(await withoutLease(files, await files.readOverride(), lease));
  }

  /** Production's word on this service; with an image of one's own it only adds what variables are expected. */
  async #container(
    project: Project,
    ask: SwapAsk,
    signal: AbortSignal | undefined,
  ): Promise<ProductionContainer | undefined> {
    const known = await knownEnvironments(project, this.#files(project));
    if (ask.image !== undefined && ask.environment === undefined && known.environments.length === 0)
      return undefined;
    const { environment, manifest } = await this.#manifest(project, ask, signal);
    const found = containerOf(project, environment, manifest, ask.service);
    if (found !== undefined || ask.image !== undefined) return found;
    throw missing(
      `container of ${ask.service}`,
      `Nothing in ${environment.name} is recognised as ${ask.service}.`,
    );
  }

  /** `:2.4.0`, `2.4.0` and `sha256:…` mean production's own repository. */
  #shownImage(
    project: Project,
    { image, service }: SwapAsk,
    container: ProductionContainer | undefined,
  ): string {
    if (image === undefined) return container?.image ?? '';
    const base = container?.image ?? project.services[service]?.image;
    const repository = base === undefined ? undefined : base.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
    if (repository !== undefined && /^sha256:[0-9a-f]{64}$/.test(image)) return `${repository}@${image}`;
    if (repository !== undefined && image.startsWith(':')) return `${repository}${image}`;
    if (parseImageReference(image) === undefined)
      throw new AppFailure({
        kind: 'input.invalid',
        field: 'image',
        message: `${image} is not the name of an image.`,
      });
    return image;
  }

  async #manifest(
    project: Project,
    asked: Asked,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly environment: KnownEnvironment; readonly manifest: ProductionManifest }> {
    const { environments } = await knownEnvironments(project, this.#files(project));
    const environment = chooseEnvironment(environments, asked.environment);
    await this.#requireConsent(environment, project.workingDir, asked.consents ?? []);
    const text = await fetchManifest({
      source: environment.source,
      folder: project.workingDir,
      environment: this.#context.environment,
      fetch: this.#context.fetch,
      signal,
    });
    return { environment, manifest: parseManifest(text, environment.name) };
  }

  /** Once for each command and folder: shown in full, remembered on this machine. */
  async #requireConsent(
    { source, name }: KnownEnvironment,
    folder: string,
    given: readonly string[],
  ): Promise<void> {
    if (source.type !== 'command') return;
    const consent = commandConsent(source.command, folder);
    if ((await this.#context.confirmed.all()).has(consent)) return;
    if (given.includes(consent)) return this.#context.confirmed.add(consent);
    throw new AppFailure({
      kind: 'data.consentRequired',
      missing: [consent],
      message: `To read what ${name} runs, this command is to be run in ${folder}:\n\n    ${commandLine(source.command)}\n`,
      hint: 'It has not been run yet. Read it, then confirm it once.',
    });
  }

  async #resolver(signal: AbortSignal | undefined): Promise<(image: string) => Promise<RemoteImage>> {
    const { registryMirrors, platform } = await this.#context.engine().info({ signal });
    const { authFor, fetch } = this.#context;
    return (image) => resolveImage({ image, platform, mirrors: registryMirrors, authFor, fetch, signal });
  }
}

/** More than anybody reads; the rest is counted. */
const MOST_CHANGES = 2000;
