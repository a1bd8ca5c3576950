import { containerName } from '#compose/names.ts';
import type { Service } from '#compose/project.ts';
import { divergence } from './divergence.ts';
import { isDone, type ReconcileInput, replicasOf, serviceOf, wantedReplicas } from './input.ts';
import type { ObservedContainer } from './observed.ts';
import type { Selection } from './select.ts';

/** What happens to one replica. */
export type ReplicaAction =
  | { readonly type: 'keep'; readonly container: ObservedContainer }
  | { readonly type: 'start'; readonly container: ObservedContainer; readonly cause: string }
  /** Stopped while a service that it depends on is recreated, then started again. */
  | { readonly type: 'restart'; readonly container: ObservedContainer; readonly cause: string }
  | { readonly type: 'create'; readonly number: number; readonly cause: string }
  | {
      readonly type: 'recreate';
      readonly number: number;
      readonly container: ObservedContainer;
      readonly cause: string;
    }
  /** A recreate that was broken off: its new container is there already, under a name for the time being. */
  | {
      readonly type: 'finish';
      readonly number: number;
      readonly replacement: ObservedContainer;
      readonly old?: ObservedContainer | undefined;
      readonly cause: string;
    };

export interface ServiceDecision {
  readonly name: string;
  readonly service: Service;
  readonly actions: readonly ReplicaAction[];
  /** Containers that go: too many, doubles, and what a broken recreate left behind. */
  readonly surplus: readonly { readonly container: ObservedContainer; readonly cause: string }[];
}

/** What to do with each replica of one service, looked at by itself. */
export function decideService(input: ReconcileInput, name: string, selection: Selection): ServiceDecision {
  const service = serviceOf(input.project, name);
  // A program provides it, outside of the engine, and it is not run: there is a warning that says so.
  if (service.provider !== undefined) return { name, service, actions: [], surplus: [] };
  const wanted = wantedReplicas(name, service, input.options);
  const { replicas, surplus } = sortOut(input, name, service);
  const kept = replicas.slice(0, wanted);
  const actions = kept.map((replica) => decideReplica(input, service, { replica, selection, name }));
  const missing = input.options.create === 'never' ? [] : freeNumbers(kept, wanted - kept.length);
  return {
    name,
    service,
    actions: [
      ...actions,
      ...missing.map((number) => ({ type: 'create' as const, number, cause: 'no existing container' })),
    ],
    surplus: [
      ...surplus,
      ...replicas
        .slice(wanted)
        .flatMap((replica) =>
          [replica.current, replica.replacement]
            .filter((container) => container !== undefined)
            .map((container) => ({ container, cause: `scaled down to ${wanted}` })),
        ),
    ],
  };
}

/** One number of a service: its container, and the one that a broken recreate made to take its place. */
interface Found {
  readonly number: number;
  readonly current?: ObservedContainer | undefined;
  readonly replacement?: ObservedContainer | undefined;
}

function sortOut(
  input: ReconcileInput,
  name: string,
  service: Service,
): { readonly replicas: readonly Found[]; readonly surplus: ServiceDecision['surplus'] } {
  const surplus: { container: ObservedContainer; cause: string }[] = [];
  const byNumber = new Map<number, { current?: ObservedContainer; replacement?: ObservedContainer }>();
  for (const container of replicasOf(input.observed, name)) {
    if (container.state === 'removing') continue;
    const found = byNumber.get(container.number) ?? {};
    const role = isTemporary(input, container, service) ? 'replacement' : 'current';
    if (found[role] === undefined) found[role] = container;
    else surplus.push({ container, cause: `a second container ${name}:${container.number}` });
    byNumber.set(container.number, found);
  }
  return { replicas: [...byNumber].map(([number, found]) => ({ number, ...found })), surplus };
}

/** `0123456789ab_shop-db-1`: the name that a new container has until the old one is gone. */
export function temporaryName(replaced: ObservedContainer, name: string): string {
  return `${replaced.id.slice(0, 12)}_${name}`;
}

function isTemporary(input: ReconcileInput, container: ObservedContainer, service: Service): boolean {
  if (container.replaces === undefined) return false;
  const name = finalName(input, container.service, container.number, service);
  return container.name !== name && /^[0-9a-f]{12}_/.test(container.name);
}

/** The name that a replica's container has in the end. */
export function finalName(input: ReconcileInput, name: string, number: number, service: Service): string {
  return containerName(input.project.name, name, { number, containerName: service.container_name });
}

function decideReplica(
  input: ReconcileInput,
  service: Service,
  own: { readonly replica: Found; readonly selection: Selection; readonly name: string },
): ReplicaAction {
  const { number, current, replacement } = own.replica;
  const reasonFor = (container: ObservedContainer) =>
    divergence(input, service, { container, named: own.selection.named.has(own.name) });
  if (replacement !== undefined && reasonFor(replacement) === undefined)
    return { type: 'finish', number, replacement, old: current, cause: 'a recreate was broken off' };
  if (current === undefined && replacement !== undefined)
    return { type: 'recreate', number, container: replacement, cause: 'a recreate was broken off' };
  if (current === undefined) return { type: 'create', number, cause: 'no existing container' };
  const reason = reasonFor(current);
  if (reason !== undefined) return { type: 'recreate', number, container: current, cause: reason };
  return decideUnchanged(input, current);
}

function decideUnchanged(input: ReconcileInput, container: ObservedContainer): ReplicaAction {
  switch (container.state) {
    case 'running':
    case 'restarting':
    case 'removing':
      return { type: 'keep', container };
    case 'paused':
      return { type: 'start', container, cause: 'paused' };
    case 'created':
    case 'dead':
      return { type: 'start', container, cause: 'created, not started' };
    case 'exited':
      if (!isDone(input.project, container))
        return { type: 'start', container, cause: `exited ${container.exitCode}` };
      if (input.options.rerun?.includes(container.service))
        return { type: 'start', container, cause: 'run again' };
      return { type: 'keep', container };
  }
}

/** The smallest numbers that no replica has. */
function freeNumbers(taken: readonly Found[], count: number): number[] {
  const used = new Set(taken.map((replica) => replica.number));
  const free: number[] = [];
  for (let number = 1; free.length < count; number += 1) if (!used.has(number)) free.push(number);
  return free;
}
