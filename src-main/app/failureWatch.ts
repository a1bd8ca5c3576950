import path from 'node:path';
import type { Disposable } from '#base/disposables.ts';
import { dependentsOf } from '#compose/graph.ts';
import type { Project } from '#compose/project.ts';
import { type AppError, AppFailure } from '#contract/errors.ts';
import type { ServiceName } from '#contract/ids.ts';
import type { FailureCard, ServiceRecord } from '#contract/model.ts';
import type { Engine } from '#engine/engine.ts';
import { environmentOf } from '#middleware/switch/decide.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import { failureCard } from '#run/failureCards.ts';
import type { FailureFacts } from '#run/failures/facts.ts';
import { firstAccount } from './fixes/accountPassword.ts';
import { scriptsOf } from './fixes/scriptFiles.ts';
import { logTail } from './logTail.ts';
import { middlewareProfile } from './middlewareOf.ts';
import { withHolder } from './withHolder.ts';

/** More lines than a card shows: the rules look a little further back. */
const LINES = 50;
/** Reading the last lines of a container that has ended takes milliseconds; an engine that hangs must not hold the card up. */
const READ_LIMIT_MS = 3_000;

export interface FailureView {
  readonly project: Project;
  readonly services: readonly ServiceRecord[];
  readonly containers: readonly ObservedContainer[];
  readonly failures: Readonly<Record<string, { readonly error: AppError; readonly at: number }>>;
  readonly engine: Engine | undefined;
  /** What the engine runs on. */
  readonly platform: string | undefined;
}

interface Kept {
  /** Which failure this is; a new one gets a new card. */
  readonly key: string;
  card?: FailureCard;
}

/** Makes a card for every service that has failed, with its last lines, and takes it away when it has not any more. */
export class FailureWatch implements Disposable {
  readonly #changed: () => void;
  readonly #ended = new AbortController();
  readonly #kept = new Map<string, Kept>();
  readonly #making = new Set<Promise<void>>();

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get cards(): Readonly<Record<string, FailureCard>> {
    const made = [...this.#kept].flatMap(([name, { card }]) =>
      card === undefined ? [] : [[name, card] as const],
    );
    return Object.fromEntries(made);
  }

  look(view: FailureView): void {
    for (const service of view.services) {
      const key = failureKey(service, view.failures[service.name]);
      if (this.#kept.get(service.name)?.key === key) continue;
      if (key === undefined) {
        if (this.#kept.delete(service.name)) this.#changed();
        continue;
      }
      const kept: Kept = { key };
      this.#kept.set(service.name, kept);
      const making = this.#make(view, service, kept).finally(() => this.#making.delete(making));
      this.#making.add(making);
    }
  }

  /** Resolves when every card that is due has been made. */
  async settled(): Promise<void> {
    await Promise.all(this.#making);
  }

  async dispose(): Promise<void> {
    this.#ended.abort();
    await this.settled();
  }

  async #make(view: FailureView, service: ServiceRecord, kept: Kept): Promise<void> {
    const container = worst(view.containers, service);
    const stillRuns = service.status.type === 'running' || service.status.type === 'starting';
    // What goes on running says nothing of what could not take its place.
    const lines = container === undefined || stillRuns ? [] : await this.#lines(view.engine, container);
    const failed = view.failures[service.name];
    const error = service.status.type === 'failed' ? service.status.error : failed?.error;
    kept.card = failureCard({
      service: service.name,
      image: service.image,
      error: error && view.engine ? await withHolder(error, view.engine) : error,
      engineError: container?.error?.message,
      exitCode: hasEnded(container) ? container?.exitCode : undefined,
      oomKilled: container?.oomKilled,
      lines,
      lastHealth: stillRuns ? undefined : container?.lastHealth,
      dependents: dependentsOf(view.project.services, service.name).map(([name]) => name as ServiceName),
      services: Object.keys(view.project.services),
      middleware: middlewareFor(view.project, service.name),
      restarts: service.status.type === 'restarting' ? service.status.times : undefined,
      check: checkOf(view.project, service.name),
      unhealthy: service.status.type === 'unhealthy',
      stillRuns,
      imagePlatform: await imagePlatform(view.engine, container?.imageId ?? service.image),
      enginePlatform: view.platform,
      memoryLimitBytes: memoryLimit(view.project, service.name),
      windowsScripts: await windowsScripts(view.project, service.name),
      at: failed?.at ?? container?.finishedAt ?? container?.createdAt ?? 0,
    });
    this.#changed();
  }

  /** A container that is gone, or whose log driver cannot be read, has no lines: the card says the rest. */
  async #lines(engine: Engine | undefined, container: ObservedContainer): Promise<readonly string[]> {
    if (engine === undefined) return [];
    const signal = AbortSignal.any([this.#ended.signal, AbortSignal.timeout(READ_LIMIT_MS)]);
    try {
      return await logTail(engine, container, LINES, signal);
    } catch (thrown) {
      if (thrown instanceof AppFailure) return [];
      throw thrown;
    }
  }
}

/** Undefined for a service that is all right, or that a run is at work on. */
function failureKey(
  service: ServiceRecord,
  failed: { readonly error: AppError; readonly at: number } | undefined,
): string | undefined {
  const { status } = service;
  const ids = () => service.replicas.map(({ id }) => id).join(' ');
  switch (status.type) {
    // That it was for want of memory may be heard a moment later.
    case 'exited':
      return `${status.type} ${ids()} ${status.at} ${status.oomKilled}`;
    // A loop's lines are read once for each way it ends, not once a round.
    case 'restarting':
      return `${status.type} ${ids()} ${status.exitCode}`;
    case 'unhealthy':
      return `${status.type} ${ids()} ${status.since}`;
    case 'failed':
      return `${status.type} ${ids()} ${status.at}`;
    // A new image or container could not be had for it. What its container says of itself is no matter of a run's.
    case 'running':
    case 'starting':
      return failed === undefined || failed.at < status.since || failed.error.kind.startsWith('dependency.')
        ? undefined
        : `${status.type} ${ids()} ${failed.at}`;
    default:
      return undefined;
  }
}

/** The replica that speaks for the service's failure. */
function worst(
  containers: readonly ObservedContainer[],
  service: ServiceRecord,
): ObservedContainer | undefined {
  const own = containers.filter((entry) => entry.service === service.name && !entry.oneOff);
  return (
    own.find((entry) => hasEnded(entry) && entry.exitCode !== 0) ??
    own.find((entry) => entry.health === 'unhealthy' || entry.error !== undefined) ??
    own[0]
  );
}

function hasEnded(container: ObservedContainer | undefined): boolean {
  return container?.state === 'exited' || container?.state === 'restarting' || container?.state === 'dead';
}

/** What it most likely talks to: what it depends on first, then whatever else there is. */
function middlewareFor(project: Project, name: string): FailureFacts['middleware'] {
  const named = [...Object.keys(project.services[name]?.depends_on ?? {}), ...Object.keys(project.services)];
  return [...new Set(named)].flatMap((service) => {
    const product = middlewareProfile(project, service)?.product;
    const definition = project.services[service];
    const account = definition && firstAccount(environmentOf(definition));
    return product === undefined ? [] : [{ service, product, account }];
  });
}

function checkOf(project: Project, name: string): string | undefined {
  const test = project.services[name]?.healthcheck?.test;
  return test?.slice(1).join(' ') || undefined;
}

/** Read only where a service has failed. */
async function windowsScripts(project: Project, name: string): Promise<readonly string[]> {
  const service = project.services[name];
  const scripts = service === undefined ? [] : await scriptsOf(service);
  return scripts.filter(({ text }) => text.includes('\r\n')).map(({ file }) => path.basename(file));
}

/** What the image says of itself; undefined where it is not here, or nobody can be asked. */
async function imagePlatform(engine: Engine | undefined, image: string): Promise<string | undefined> {
  try {
    return (await engine?.inspectImage(image))?.platform;
  } catch (thrown) {
    if (thrown instanceof AppFailure) return undefined;
    throw thrown;
  }
}

function memoryLimit(project: Project, name: string): number | undefined {
  const service = project.services[name];
  const limit = service?.deploy?.resources.limits?.memory ?? service?.mem_limit;
  return limit === undefined || Number(limit) === 0 ? undefined : Number(limit);
}
