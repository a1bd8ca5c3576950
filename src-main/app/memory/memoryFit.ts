import type { Project, Service } from '#compose/project.ts';
import type { MemoryFit } from '#contract/requests/memory.ts';
import { wantedReplicas } from '#plan/input.ts';
import { memoryDefinition } from './memoryDefinition.ts';

export interface FitFacts {
  readonly project: Project;
  /** Which services are to be started; those that need nothing more are left out here. */
  readonly services: readonly string[];
  readonly running: (service: string) => number;
  /** The most that one replica was ever seen to use, bytes. */
  readonly seen: (service: string) => number | undefined;
  readonly freeBytes: number;
}

type Need = MemoryFit['services'][number];

/** Adds up what will be started. A service of which nothing is known counts nothing: the warning must be right when it comes. */
export function memoryFit(facts: FitFacts): MemoryFit {
  const needs = facts.services.flatMap((name) => needOf(facts, name)).sort((a, b) => b.bytes - a.bytes);
  const neededBytes = needs.reduce((sum, { bytes }) => sum + bytes, 0);
  const type = neededBytes > facts.freeBytes ? 'short' : 'fits';
  return { type, neededBytes, freeBytes: facts.freeBytes, services: needs };
}

function needOf({ project, running, seen }: FitFacts, name: string): Need[] {
  const service = project.services[name];
  if (service === undefined) return [];
  const replicas = Math.max(0, wantedReplicas(name, service, {}) - running(name));
  const one = oneOf(service, seen(name));
  return one === undefined || replicas === 0
    ? []
    : [{ service: name, bytes: replicas * one.bytes, from: one.from }];
}

/** A limit caps what was seen under a larger one. */
function oneOf(
  service: Service,
  seen: number | undefined,
): { bytes: number; from: Need['from'] } | undefined {
  const { limitBytes, reservedBytes } = memoryDefinition(service);
  if (seen !== undefined) return { bytes: Math.min(seen, limitBytes ?? seen), from: 'seen' };
  if (reservedBytes !== undefined) return { bytes: reservedBytes, from: 'reservation' };
  return limitBytes === undefined ? undefined : { bytes: limitBytes, from: 'limit' };
}
