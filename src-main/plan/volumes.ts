import { AppFailure } from '#contract/errors.ts';
import { volumeBody } from './containerBody/resourceBodies.ts';
import type { Work } from './work.ts';

/**
 * Creates the volumes that are missing and touches no other: one whose definition changed, or that somebody else made,
 * is used as it is, and said. Throws when an external one is missing.
 */
export function planVolumes(work: Work): void {
  for (const key of usedVolumes(work)) planVolume(work, key);
}

function usedVolumes(work: Work): string[] {
  const { services, volumes } = work.input.project;
  const used = work.selection.ordered.flatMap((name) =>
    (services[name]?.volumes ?? []).flatMap((mount) =>
      mount.type === 'volume' && mount.source !== undefined && Object.hasOwn(volumes, mount.source)
        ? [mount.source]
        : [],
    ),
  );
  return [...new Set(used)].sort();
}

function planVolume(work: Work, key: string): void {
  const { project, observed, hashes } = work.input;
  const volume = project.volumes[key];
  if (volume === undefined) return;
  const found = observed.volumes.find((entry) => entry.name === volume.name);
  if (volume.external) {
    if (found === undefined) throw missing(volume.name);
    return;
  }
  if (found === undefined) {
    const body = volumeBody(project, key, { volume, hash: hashes.volumes[key] ?? '' });
    const cause = 'no existing volume';
    work.volumeSteps.set(
      volume.name,
      work.builder.add({ kind: 'createVolume', key, body, after: [], cause }),
    );
    return;
  }
  if (found.project !== project.name) warnForeign(work, volume.name, found.project);
  else if (found.configHash !== undefined && found.configHash !== hashes.volumes[key])
    work.builder.warn({
      message: `volume ${volume.name}: its definition changed; it stays as it is, with its data (slipway up --recreate-volumes makes it anew)`,
    });
}

function warnForeign(work: Work, name: string, owner: string | undefined): void {
  const whose = owner === undefined ? 'was not made by compose' : `belongs to project ${owner}`;
  work.builder.warn({ message: `volume ${name} ${whose}; it is used as it is` });
}

function missing(name: string): AppFailure {
  return new AppFailure({
    kind: 'notFound',
    what: `volume ${name}`,
    message: `The external volume ${name} does not exist.`,
    hint: `Create it: docker volume create ${name}`,
  });
}
