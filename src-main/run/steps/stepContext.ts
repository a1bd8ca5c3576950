import type { ContainerId, ImageId } from '#contract/ids.ts';
import type { Plan, Target } from '#plan/plan.ts';
import type { ContainerEvents } from '../containerEvents.ts';
import type { RunOptions } from '../effects.ts';
import type { Starts } from '../starts.ts';

/** What the steps of one run share. */
export interface StepContext extends RunOptions {
  readonly plan: Plan;
  readonly events: ContainerEvents;
  /** By creating step: the container that came of it. */
  readonly containers: Map<number, ContainerId>;
  /** By pull or build: the image that came of it. */
  readonly images: Map<number, ImageId>;
  /** By container that counted as up without a check: how often it had been heard to end by then. */
  readonly up: Map<ContainerId, number>;
  readonly starts: Starts;
}

/** The id behind a target: the step that creates it has been done, or this step would not run. */
export function containerOf(context: StepContext, target: Target): ContainerId {
  if (target.type === 'existing') return target.id;
  const id = context.containers.get(target.step);
  if (id === undefined) throw new RangeError(`Step ${target.step} has created no container`);
  return id;
}
