import { AppFailure } from '#contract/errors.ts';
import { suggest } from './suggest.ts';

/** Only the names of its services count here. */
interface Named {
  readonly name: string;
  readonly services: Readonly<Record<string, unknown>>;
  readonly disabledServices: Readonly<Record<string, unknown>>;
}

/** More names than this are no help to read. */
const NAMES_SHOWN = 12;

/** The failure of everything that names a service which is not in the files: `notFound`, with the name that was most likely meant. */
export function unknownService(project: Named, name: string): AppFailure {
  const known = [...Object.keys(project.services), ...Object.keys(project.disabledServices)];
  const meant = suggest(name, known);
  return new AppFailure({
    kind: 'notFound',
    what: `service ${name}`,
    message: `There is no service ${name} in ${project.name}.`,
    ...(meant !== undefined
      ? { hint: `Did you mean ${meant}?` }
      : known.length > 0 && { hint: `There are ${listed(known)}.` }),
  });
}

/** Throws `notFound` for the first name that is no service of the files, in whatever profile. */
export function requireServices(project: Named, names: readonly string[]): void {
  for (const name of names)
    if (!Object.hasOwn(project.services, name) && !Object.hasOwn(project.disabledServices, name))
      throw unknownService(project, name);
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMES_SHOWN;
  return names.slice(0, NAMES_SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
