import { closure, levels } from '#compose/graph.ts';
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
  return { ordered: levels(services).flat(), named: new Set(named) };
}

function notSelectable(project: Project, name: string): AppFailure {
  if (!Object.hasOwn(project.disabledServices, name)) return unknownService(project, name);
  return new AppFailure({
    kind: 'notFound',
    what: `service ${name}`,
    message: `Service ${name} is in no active profile.`,
  });
}
