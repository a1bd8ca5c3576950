import type { Service } from '#compose/project.ts';
import { linksOf } from './containerBody/networking.ts';
import type { ReplicaAction, ServiceDecision } from './decide.ts';
import { finalName } from './decide.ts';
import { replicasOf } from './input.ts';
import type { Reference, Target } from './plan.ts';
import { sharedServices, withContainerIds } from './sharedContainers.ts';
import { asServiceName, existing, replicaKey, type Work } from './work.ts';

/** The containers that a service refers to by id, where they are or where they will come from. */
export function referencesOf(work: Work, service: Service): Reference[] {
  return sharedServices(service).flatMap((name) => {
    const target = firstContainer(work, name);
    return target === undefined ? [] : [{ service: asServiceName(name), target }];
  });
}

/** The service with the ids of containers that exist already. */
export function withExistingIds(service: Service, references: readonly Reference[]): Service {
  return withContainerIds(service, (name) => {
    const target = references.find((reference) => reference.service === name)?.target;
    return target?.type === 'existing' ? target.id : undefined;
  });
}

/** The first replica's container as it will be when this plan has come so far. */
function firstContainer(work: Work, service: string): Target | undefined {
  const decision = work.decisions.get(service);
  if (decision === undefined) return untouched(work, service)[0];
  const [action] = decision.actions;
  return action && targetOf(work, decision, action);
}

/** The containers of a service that this plan has nothing to do with: they stay as they are. */
function untouched(work: Work, service: string): Target[] {
  return replicasOf(work.input.observed, service)
    .filter(({ state }) => state !== 'removing')
    .map(existing);
}

/** The container that a replica has after its creation step. */
export function targetOf(work: Work, decision: ServiceDecision, action: ReplicaAction): Target {
  switch (action.type) {
    case 'keep':
    case 'start':
    case 'restart':
      return existing(action.container);
    case 'finish':
      return {
        ...existing(action.replacement),
        name: finalName(work.input, decision.name, action.number, decision.service),
      };
    case 'create':
    case 'recreate': {
      const name = finalName(work.input, decision.name, action.number, decision.service);
      const step = work.createSteps.get(replicaKey(decision.name, action.number)) ?? 0;
      return { type: 'created', step, name };
    }
  }
}

/** `links` with the names that the linked containers have in the end. */
export function linksFor(work: Work, decision: ServiceDecision, number: number): string[] {
  return linksOf({ project: work.input.project.name, service: decision.service, number }, (linked) => {
    const target = work.decisions.get(linked);
    if (target === undefined) return untouched(work, linked).map(({ name }) => name);
    return target.actions.map((action) =>
      finalName(
        work.input,
        linked,
        'number' in action ? action.number : action.container.number,
        target.service,
      ),
    );
  });
}
