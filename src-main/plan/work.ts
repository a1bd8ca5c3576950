import type { ContainerId, ServiceName } from '#contract/ids.ts';
import type { PlanBuilder } from './builder.ts';
import type { ServiceDecision } from './decide.ts';
import type { ReconcileInput } from './input.ts';
import type { ObservedContainer } from './observed.ts';
import type { Target } from './plan.ts';
import type { Selection } from './select.ts';

/** What the parts of one reconciliation hand on to each other: which step makes what. */
export interface Work {
  readonly input: ReconcileInput;
  readonly builder: PlanBuilder;
  readonly selection: Selection;
  readonly decisions: ReadonlyMap<string, ServiceDecision>;
  /** By the engine's name. */
  readonly networkSteps: Map<string, number>;
  readonly volumeSteps: Map<string, number>;
  /** By service: the pull or build that its image comes from. */
  readonly imageSteps: Map<string, number>;
  readonly stopSteps: Map<ContainerId, number>;
  /** By replica: the step that creates it and the name it will have. */
  readonly createSteps: Map<string, number>;
  /** By replica: the step after which it may be started. */
  readonly readyToStart: Map<string, number>;
  /** By service: the steps after which all its replicas have been started. */
  readonly startSteps: Map<string, number[]>;
  readonly awaitSteps: Map<string, number>;
  /** Removals of orphans, which may hold ports that a start needs. */
  readonly orphanSteps: number[];
}

export function replicaKey(service: string, number: number): string {
  return `${service}:${number}`;
}

export function existing(container: ObservedContainer): Target {
  return { type: 'existing', id: container.id, name: container.name };
}

export function asServiceName(name: string): ServiceName {
  return name as ServiceName;
}
