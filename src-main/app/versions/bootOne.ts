import type { Project } from '#compose/project.ts';
import { AppFailure, cancelled } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { BootedService } from '#middleware/switch/world.ts';
import { configHashes } from '#plan/hashes.ts';
import type { ObservedState } from '#plan/observed.ts';
import type { Plan } from '#plan/plan.ts';
import { reconcile } from '#plan/reconcile.ts';
import type { RunEvent } from '#run/events.ts';
import type { Execute } from '../runs.ts';
import { withNamed } from '../selectProject.ts';

export interface BootOne {
  readonly project: Project;
  readonly service: string;
  /** Containers that are to be taken as not there. */
  readonly without: readonly ContainerId[];
  readonly observe: (project: Project, signal?: AbortSignal) => Promise<ObservedState>;
  readonly apiVersion: string;
  readonly execute: Execute;
  /** Hears what is known of the service's health from now on. */
  readonly onEvent: (plan: Plan, event: RunEvent) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Boots one service alone, inside another run, and resolves when it is ready. Throws its first failure. */
export async function bootOne(request: BootOne): Promise<BootedService> {
  const { service, without, signal = new AbortController().signal } = request;
  const project = withNamed(request.project, [service]);
  const seen = await request.observe(project, signal);
  const observed = {
    ...seen,
    containers: seen.containers.filter((container) => !without.includes(container.id)),
  };
  const options = {
    services: [service],
    alone: true,
    until: 'ready',
    pull: 'missing',
    build: 'missing',
  } as const;
  const plan = reconcile({
    project,
    observed,
    hashes: configHashes(project),
    apiVersion: request.apiVersion,
    options,
  });
  // Only where the files have no healthcheck is it the product's own probe that is run.
  const own = request.project.services[service]?.healthcheck === undefined;
  let answered = false;
  const onEvent = (event: RunEvent) => {
    request.onEvent(plan, event);
    answered ||= own && event.type === 'stepProbe' && event.by === 'eager' && event.result.exitCode === 0;
  };
  const result = await request.execute(plan, { onEvent, signal });
  if (result.outcome === 'cancelled') throw cancelled();
  const [failure] = result.outcome === 'failed' ? result.failures : [];
  if (failure) throw new AppFailure(failure.error);
  return { answered };
}
