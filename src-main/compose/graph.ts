import type { Dependency, Service } from './project.ts';

type Services = Readonly<Record<string, Pick<Service, 'depends_on' | 'profiles'>>>;

/** What a service waits for, by name. Dependencies that are not among `services` are left out. */
export function dependenciesOf(services: Services, name: string): [string, Dependency][] {
  return sorted(Object.entries(services[name]?.depends_on ?? {})).filter(([target]) =>
    Object.hasOwn(services, target),
  );
}

/** The services that wait for `name`, by name. */
export function dependentsOf(services: Services, name: string): [string, Dependency][] {
  return sorted(Object.entries(services)).flatMap(([dependent, service]) => {
    const dependency = service.depends_on?.[name];
    return dependency === undefined ? [] : [[dependent, dependency] as [string, Dependency]];
  });
}

/** One cycle of dependencies, first service repeated at the end (`a, b, a`), or undefined. */
export function findCycle(services: Services): string[] | undefined {
  const done = new Set<string>();
  for (const start of Object.keys(services).sort()) {
    const cycle = cycleFrom(services, start, done);
    if (cycle) return cycle;
  }
  return undefined;
}

/** Depth first with a stack of its own: a file may chain more services than the call stack is deep. */
function cycleFrom(services: Services, start: string, done: Set<string>): string[] | undefined {
  const path: string[] = [];
  const onPath = new Set<string>();
  const stack: { name: string; leave: boolean }[] = [{ name: start, leave: false }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { name, leave } = top;
    if (leave) {
      path.pop();
      onPath.delete(name);
      done.add(name);
      continue;
    }
    if (onPath.has(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) continue;
    path.push(name);
    onPath.add(name);
    stack.push({ name, leave: true });
    for (const [target] of dependenciesOf(services, name).reverse())
      stack.push({ name: target, leave: false });
  }
  return undefined;
}

/**
 * Services in the order they may start: every level waits only for earlier ones. Within a level by name.
 * The services must have no cycle.
 */
export function levels(services: Services): string[][] {
  const waiting = new Map<string, number>();
  const dependents = new Map<string, string[]>();
  for (const name of Object.keys(services)) {
    const targets = dependenciesOf(services, name).map(([target]) => target);
    waiting.set(name, targets.length);
    for (const target of targets) dependents.set(target, [...(dependents.get(target) ?? []), name]);
  }
  const result: string[][] = [];
  let ready = [...waiting.keys()].filter((name) => waiting.get(name) === 0);
  while (ready.length > 0) {
    result.push(ready.sort());
    for (const name of ready) waiting.delete(name);
    ready = ready.flatMap((name) => dependents.get(name) ?? []).filter((name) => isLast(waiting, name));
  }
  if (waiting.size > 0) throw new RangeError('levels() of services with a cycle');
  return result;
}

/** One of those that it waited for has gone: whether that was the last. */
function isLast(waiting: Map<string, number>, name: string): boolean {
  const left = (waiting.get(name) ?? 0) - 1;
  waiting.set(name, left);
  return left === 0;
}

/** The selected services and everything they wait for, by name. */
export function closure(services: Services, selected: readonly string[]): string[] {
  return reach(selected, (name) => dependenciesOf(services, name).map(([target]) => target));
}

/** The selected services and everything that waits for them, by name. */
export function dependentsClosure(services: Services, selected: readonly string[]): string[] {
  return reach(selected, (name) => dependentsOf(services, name).map(([dependent]) => dependent));
}

function reach(start: readonly string[], next: (name: string) => readonly string[]): string[] {
  const seen = new Set<string>(start);
  const queue = [...start];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    for (const other of next(name)) {
      if (seen.has(other)) continue;
      seen.add(other);
      queue.push(other);
    }
  }
  return [...seen].sort();
}

/** Whether a service takes part: it names no profile, or one that is active. `*` activates all. */
export function isEnabled(service: Pick<Service, 'profiles'>, active: readonly string[]): boolean {
  const profiles = service.profiles ?? [];
  if (profiles.length === 0) return true;
  // docker compose splits no profiles into one without a name, and finds that here.
  if (active.length === 0) return profiles.includes('');
  return active.some((profile) => profile === '*' || profiles.includes(profile));
}

/** The profiles that naming these services on the command line switches on, beside the active ones. */
export function profilesWith(
  all: Services,
  selected: readonly string[],
  active: readonly string[],
): readonly string[] {
  const wanted = selected.flatMap((name) => {
    const service = all[name];
    return service === undefined || isEnabled(service, active) ? [] : (service.profiles ?? []);
  });
  return [...new Set([...active, ...wanted])];
}

function sorted<T>(entries: [string, T][]): [string, T][] {
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}
