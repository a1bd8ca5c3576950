import type { Service } from '#compose/project.ts';
import type { ServiceRecord } from '#contract/model.ts';
import { replicasOf } from '#plan/input.ts';
import { allServices, isBlocked, type ProjectFacts, reduceService, serviceNames } from './reduceService.ts';
import { activityOf } from './serviceActivity.ts';

interface Known {
  /** All that the record was made of. */
  readonly of: readonly unknown[];
  readonly record: ServiceRecord;
}

/**
 * The services of one project, again and again while it changes. While hundreds boot, a few change at a time: of the others the
 * record is the same object as before, and whoever compares records is done with it.
 */
export class ServiceReducer {
  #known: ReadonlyMap<string, Known> = new Map();

  /** Every service, the disabled ones too, in the order of the file. */
  reduce(facts: ProjectFacts): readonly ServiceRecord[] {
    const all = allServices(facts.project);
    const known = new Map<string, Known>();
    for (const name of serviceNames(facts.project))
      known.set(name, this.#reduced(facts, name, all[name] as Service));
    this.#known = known;
    return [...known.values()].map(({ record }) => record);
  }

  #reduced(facts: ProjectFacts, name: string, service: Service): Known {
    const of = madeOf(facts, name, service);
    const before = this.#known.get(name);
    if (before !== undefined && isSame(before.of, of)) return before;
    return { of, record: reduceService(facts, name, service) };
  }
}

/** What `reduceService` looks at for one service. Nothing of it ever changes in itself. */
function madeOf(facts: ProjectFacts, name: string, service: Service): readonly unknown[] {
  const { run, observed } = facts;
  const activity = activityOf(name, run);
  const dependencies = Object.keys(service.depends_on ?? {});
  return [
    facts.workspace,
    facts.project,
    facts.diverged[name],
    facts.cards[name],
    facts.swaps?.[name],
    facts.failures[name],
    // It depends on whatever it waits for over others.
    isBlocked(facts, service),
    // Its work may be another's: a network that is being made.
    activity.type === 'pending' ? activity.blockedBy : undefined,
    ...(run?.active ? run.stepsOf(name) : []),
    ...replicasOf(observed, name),
    ...dependencies.flatMap((dependency) => [dependency, ...replicasOf(observed, dependency)]),
  ];
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((part, at) => part === b[at]);
}
