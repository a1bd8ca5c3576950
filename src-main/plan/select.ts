import { closure, findCycle, levels } from '#compose/graph.ts';
import type { Project } from '#compose/project.ts';
import { unknownService } from '#compose/unknownService.ts';
import { AppFailure } from '#contract/errors.ts';
import type { ReconcileOptions } from './options.ts';

/** The services to work on, dependencies first, and which of them were named. */
export interface Selection {
  readonly ordered: readonly string[];
  readonly named: ReadonlySet<string>;
}

/**
 * The named services with everything that they depend on, where they are not to stand alone; all without a name. Throws `notFound`
 * for a name that is none.
 */
export function selectServices(
  project: Project,
  { services: names, alone }: Pick<ReconcileOptions, 'services' | 'alone'>,
): Selection {
  const all = Object.keys(project.services);
  const named = names === undefined || names.length === 0 ? all : names;
  for (const name of named) if (!Object.hasOwn(project.services, name)) throw notSelectable(project, name);
  const selected = alone ? named : closure(project.services, named);
  const services = Object.fromEntries(selected.map((name) => [name, project.services[name] ?? {}]));
  if (!alone) requireDependencies(project, selected);
  const cycle = findCycle(services);
  if (cycle !== undefined) throw circle(cycle);
  return { ordered: levels(services).flat(), named: new Set(named) };
}

/** The file was checked without the profiles that naming a service has switched on. */
function requireDependencies(project: Project, selected: readonly string[]): void {
  for (const name of selected)
    for (const [target, { required }] of Object.entries(project.services[name]?.depends_on ?? {})) {
      if (!required || Object.hasOwn(project.services, target)) continue;
      throw new AppFailure({
        kind: 'notFound',
        what: `service ${target}`,
        message: `Service ${name} needs ${target}, which is in no active profile.`,
        hint: `Name both: slipway up ${name} ${target}`,
      });
    }
}

function circle(services: readonly string[]): AppFailure {
  const message = `Services wait for each other in a circle: ${services.join(' → ')}.`;
  return new AppFailure({ kind: 'compose.cycle', services: [...services], message });
}

function notSelectable(project: Project, name: string): AppFailure {
  if (!Object.hasOwn(project.disabledServices, name)) return unknownService(project, name);
  return new AppFailure({
    kind: 'notFound',
    what: `service ${name}`,
    message: `Service ${name} is in no active profile.`,
  });
}
