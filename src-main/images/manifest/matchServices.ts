import { familiarName, parseImageReference } from '#base/imageReference.ts';
import type { ProductionContainer } from './manifest.ts';

/** What a service can be recognised by. */
export interface Matchable {
  readonly name: string;
  /** Undefined: it is built here under a name of no meaning. */
  readonly image?: string | undefined;
  /** The container that the files declare for it: its name, or `workload/container`; false: production has none. */
  readonly declared?: string | false | undefined;
}

export interface Match {
  readonly service: string;
  readonly container: ProductionContainer;
  readonly by: 'declaration' | 'name' | 'image';
}

export interface Matches {
  readonly matches: readonly Match[];
  readonly onlyHere: readonly string[];
  readonly onlyThere: readonly ProductionContainer[];
  /** Declarations that name a container that is not there. */
  readonly broken: readonly { readonly service: string; readonly declared: string }[];
}

/**
 * Which container of production is which service here: as declared, else by name, else by image. Each container goes to one
 * service; what fits two services by image alone fits none, because a guess would compare apples with pears.
 */
export function matchServices(
  services: readonly Matchable[],
  containers: readonly ProductionContainer[],
  project: string,
): Matches {
  const broken: { service: string; declared: string }[] = [];
  const matches = new Map<string, Match>();
  const taken = new Set<ProductionContainer>();
  const take = (service: string, entry: ProductionContainer | undefined, by: Match['by']) => {
    if (entry === undefined || matches.has(service) || taken.has(entry)) return;
    matches.set(service, { service, container: entry, by });
    taken.add(entry);
  };
  for (const { name, declared } of services) {
    if (typeof declared !== 'string') continue;
    const entry = containers.find((candidate) => namesOf(candidate).includes(declared));
    if (entry === undefined) broken.push({ service: name, declared });
    take(name, entry, 'declaration');
  }
  const open = () => services.filter(({ name, declared }) => declared === undefined && !matches.has(name));
  const free = () => containers.filter((entry) => !taken.has(entry));
  for (const fits of NAME_RULES) {
    for (const { name } of open())
      take(
        name,
        only(free(), (entry) => fits(name, entry, project)),
        'name',
      );
  }
  for (const service of open()) {
    const entry = only(free(), (candidate) => sameRepository(service.image, candidate.image));
    const rivals = open().filter((other) => entry && sameRepository(other.image, entry.image));
    if (rivals.length === 1) take(service.name, entry, 'image');
  }
  return {
    matches: services.flatMap(({ name }) => matches.get(name) ?? []),
    onlyHere: services.flatMap(({ name }) => (matches.has(name) ? [] : name)),
    onlyThere: free(),
    broken,
  };
}

type NameRule = (service: string, container: ProductionContainer, project: string) => boolean;

/** Strictest first. Init containers are never meant by a bare name when a serving one has it too. */
const NAME_RULES: readonly NameRule[] = [
  (service, { name, role }) => name === service && role !== 'init',
  (service, { workload, role }) => workload?.name === service && role !== 'init',
  (service, { name, workload, role }, project) =>
    role !== 'init' && [name, workload?.name].includes(`${project}-${service}`),
  (service, { name, workload, role }) =>
    role !== 'init' && (tail(name) === service || tail(workload?.name) === service),
  (service, { name }) => name === service,
];

/** What a declaration may call it. */
export function namesOf({ name, workload }: ProductionContainer): readonly string[] {
  return workload === undefined ? [name] : [`${workload.name}/${name}`, name, workload.name];
}

function tail(name: string | undefined): string | undefined {
  return name?.split('-').at(-1);
}

function only<T>(entries: readonly T[], fits: (entry: T) => boolean): T | undefined {
  const found = entries.filter(fits);
  return found.length === 1 ? found[0] : undefined;
}

/** The same image whatever the version; a mirror keeps the last parts of the path. */
export function sameRepository(a: string | undefined, b: string): boolean {
  const [left, right] = [a === undefined ? undefined : parseImageReference(a), parseImageReference(b)];
  if (left === undefined || right === undefined) return false;
  return familiarName(left) === familiarName(right) || bare(left.repository) === bare(right.repository);
}

function bare(repository: string): string {
  return repository.replace(/^library\//, '');
}
