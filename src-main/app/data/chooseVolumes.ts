import { requireServices } from '#compose/unknownService.ts';
import { AppFailure } from '#contract/errors.ts';
import type { VolumeSummary } from '#engine/storage.ts';
import { dataPath } from '#middleware/dataPath.ts';
import { environmentOf } from '#middleware/switch/decide.ts';
import { middlewareOf } from '../middlewareOf.ts';
import { missing } from '../requestBase.ts';
import { isAnonymous, serviceOf, type VolumeFacts, volumeViews } from './volumeUse.ts';

/** The named volumes that these services mount now, or all do; throws for a service that is not there. */
export function chosenVolumes(facts: VolumeFacts, services: readonly string[]): readonly VolumeSummary[] {
  requireServices(facts.project, services);
  const wanted = volumeViews(facts).filter(
    ({ name, use, services: users }) =>
      use === 'mounted' &&
      !isAnonymous(name) &&
      (services.length === 0 || users.some((user) => services.includes(user))),
  );
  return facts.volumes.filter(({ name }) => wanted.some((view) => view.name === name));
}

/**
 * What a reset of a service deletes: the volume at its data directory where the product is known, else all volumes that it
 * alone mounts. Where a container is there, what that mounts counts: the files may say something else by now.
 */
export function dataVolumes(facts: VolumeFacts, service: string): readonly string[] {
  const path = dataPathOf(facts, service);
  const mounts = mountsOf(facts, service).filter(
    ({ target }) => path === undefined || isWithin(path, target) || isWithin(target, path),
  );
  const names = new Set(mounts.map(({ volume }) => volume));
  return volumeViews(facts)
    .filter(
      ({ name, services, external }) =>
        names.has(name) && !external && (path !== undefined || services.length === 1),
    )
    .map(({ name }) => name);
}

function dataPathOf({ project }: VolumeFacts, service: string): string | undefined {
  const found = middlewareOf(project, service);
  const data = found?.profile.data;
  const definition = project.services[service];
  if (!found || !data || !definition) return undefined;
  return dataPath(data, {
    image: definition.image ?? '',
    environment: environmentOf(definition),
    version: found.version ?? { numbers: [], variant: '', tag: '' },
  });
}

interface Mounted {
  readonly volume: string;
  readonly target: string;
}

function mountsOf({ project, containers }: VolumeFacts, service: string): readonly Mounted[] {
  const own = containers.filter((container) => serviceOf(container) === service);
  if (own.length > 0)
    return own
      .flatMap(({ mounts }) => mounts)
      .flatMap(({ type, name, destination, readWrite }) =>
        type === 'volume' && name && readWrite ? [{ volume: name, target: destination }] : [],
      );
  return (project.services[service]?.volumes ?? []).flatMap(({ type, source, target }) =>
    type === 'volume' && source && target
      ? [{ volume: project.volumes[source]?.name ?? source, target }]
      : [],
  );
}

function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(`${outer.replace(/\/$/, '')}/`);
}

export function requireUnused(name: string, view: ReturnType<typeof volumeViews>[number] | undefined): void {
  if (!view) throw missing(`volume ${name}`, `${name} is not a volume of this project.`);
  if (view.use === 'mounted' || view.external)
    throw new AppFailure({
      kind: 'input.invalid',
      message: view.external
        ? `${name} is external: it is not Slipway's to delete.`
        : `${name} is used by ${view.services.join(', ')}.`,
    });
}

/** Throws for a volume that is not this project's, is external, or is as the files define it. */
export function requireChanged(facts: VolumeFacts, names: readonly string[]): void {
  const views = volumeViews(facts);
  for (const name of names) {
    const view = views.find((entry) => entry.name === name);
    if (!view) throw missing(`volume ${name}`, `${name} is not a volume of this project.`);
    if (!view.changed)
      throw new AppFailure({
        kind: 'input.invalid',
        message: view.external
          ? `${name} is external: it is not Slipway's to make anew.`
          : `${name} is as the files define it: there is nothing to make anew.`,
      });
  }
}

/** Throws `data.consentRequired`, naming what happens to each volume that nobody has agreed to. */
export function requireRecreateConsents(request: {
  readonly volumes: readonly string[];
  readonly data: 'carry' | 'empty';
  readonly consents?: readonly string[] | undefined;
}): void {
  const idOf = (name: string) => `recreate-volume:${name}`;
  const open = request.volumes.filter((name) => !request.consents?.includes(idOf(name)));
  if (open.length === 0) return;
  const fate = request.data === 'carry' ? 'with the data that it holds now' : 'and starts empty';
  throw new AppFailure({
    kind: 'data.consentRequired',
    missing: open.map(idOf),
    message: open
      .map((name) => `The volume ${name} is removed and made anew as the files define it, ${fate}.`)
      .join('\n'),
    hint: 'A copy goes into the bin first and is kept for 7 days. What uses it is stopped meanwhile.',
  });
}
