import type { Project } from '#compose/project.ts';
import type { Engine } from '#engine/engine.ts';
import { registryAuth } from '#images/registryAuth.ts';
import { configHashes } from '#plan/hashes.ts';
import type { ObservedContainer, ObservedState } from '#plan/observed.ts';
import type { Plan } from '#plan/plan.ts';
import { reconcile } from '#plan/reconcile.ts';
import type { CoreOptions } from '../coreOptions.ts';
import type { ProjectSource } from '../projectSource.ts';
import { missing } from '../requestBase.ts';
import type { Execute, Runs } from '../runs.ts';
import { withNamed } from '../selectProject.ts';
import { ConfirmedCommands } from './confirmedCommands.ts';
import { Production } from './production.ts';
import type { SwapsContext } from './swaps.ts';

/** What an open project lends to production. */
export interface ProductionParts {
  readonly options: CoreOptions;
  readonly runs: Runs;
  readonly source: ProjectSource;
  readonly engine: () => Engine;
  readonly apiVersion: () => string;
  readonly observe: (project: Project, signal?: AbortSignal) => Promise<ObservedState>;
  readonly executor: (project: Project) => Execute;
  readonly replicas: (service: string) => readonly ObservedContainer[];
  readonly changed: SwapsContext['changed'];
}

export function createProduction(parts: ProductionParts): Production {
  const { options, source } = parts;
  const logins = { environment: options.environment, home: options.folders.home };
  return new Production({
    runs: parts.runs,
    clock: options.clock,
    project: () => source.require(),
    folder: () => source.shown?.workingDir,
    loadWith: (override) => source.loadWith(override),
    reload: () => source.load(),
    engine: parts.engine,
    planOne: (service, signal) => planOne(parts, service, signal),
    execute: (plan, request) => parts.executor(source.require())(plan, request),
    replica: (service) => runningReplica(parts.replicas(service), service),
    hasContainer: (service) => parts.replicas(service).length > 0,
    startedOnce: (service, image) =>
      parts.replicas(service).some((entry) => entry.image === image && entry.startedAt !== undefined),
    changed: parts.changed,
    endsLeases: options.purpose !== 'command',
    failed: (thrown) => options.logger.error({ thrown }, 'a swap could not be ended'),
    authFor: (image) => registryAuth(image, logins),
    fetch,
    environment: options.environment,
    confirmed: new ConfirmedCommands(options.folders.state),
  });
}

function runningReplica(replicas: readonly ObservedContainer[], service: string): ObservedContainer {
  const found = replicas.find(({ state }) => state === 'running') ?? replicas[0];
  if (found !== undefined) return found;
  throw missing(`container of ${service}`, `${service} has no container.`);
}

/** What brings one service, alone, to what the files say. */
async function planOne(parts: ProductionParts, service: string, signal: AbortSignal): Promise<Plan> {
  const project = withNamed(parts.source.require(), [service]);
  return reconcile({
    project,
    observed: await parts.observe(project, signal),
    hashes: configHashes(project),
    apiVersion: parts.apiVersion(),
    options: { services: [service], alone: true, until: 'ready', pull: 'missing', build: 'missing' },
  });
}
