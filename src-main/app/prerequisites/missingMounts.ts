import path from 'node:path';
import type { Project, VolumeMount } from '#compose/project.ts';
import type { Prerequisite } from '#contract/prerequisites.ts';
import { fileFixes, isThere, looksLikeFile } from './missingPath.ts';

/** Files and folders of this machine that services mount and that are not there, once each. */
export async function missingMounts(project: Project, services: readonly string[]): Promise<Prerequisite[]> {
  const found = new Map<string, Prerequisite>();
  for (const service of services)
    for (const candidate of [...binds(project, service), ...fileObjects(project, service)]) {
      const before = found.get(candidate.path);
      if (before !== undefined) found.set(candidate.path, alsoFor(before, service));
      else if (!(await isThere(candidate.path)))
        found.set(candidate.path, await prerequisite(candidate, service));
    }
  return [...found.values()].filter((entry) => entry.fixes.length > 0);
}

interface Candidate {
  readonly path: string;
  readonly what: string;
  readonly kind: 'bind' | 'file';
  /** Whether the engine makes a folder of a path that is missing. */
  readonly made: boolean;
}

function binds(project: Project, service: string): Candidate[] {
  return (project.services[service]?.volumes ?? []).flatMap((mount) => {
    if (mount.type !== 'bind' || mount.source === undefined || !path.isAbsolute(mount.source)) return [];
    return [{ path: mount.source, what: 'mount', kind: 'bind' as const, made: isMade(mount) }];
  });
}

/** As docker compose has the engine do it: the short form makes the folder, the long form only when told. */
function isMade({ bind }: VolumeMount): boolean {
  return bind === undefined || (bind.create_host_path === true && !bind.propagation && !bind.recursive);
}

/** Secrets and configs from a file are mounted too. */
function fileObjects(project: Project, service: string): Candidate[] {
  const { secrets = [], configs = [] } = project.services[service] ?? {};
  const named = [
    ...secrets.map(({ source = '' }) => ({ what: 'secret', file: project.secrets[source]?.file })),
    ...configs.map(({ source = '' }) => ({ what: 'config', file: project.configs[source]?.file })),
  ];
  return named.flatMap(({ what, file }) =>
    file === undefined || file === '' ? [] : [{ path: file, what, kind: 'file' as const, made: false }],
  );
}

async function prerequisite(candidate: Candidate, service: string): Promise<Prerequisite> {
  const { path: file, what, kind, made } = candidate;
  const isFile = kind === 'file' || looksLikeFile(file);
  // A folder that the engine makes is what a file asks for that mounts ./data.
  const fixes =
    made && !isFile ? [] : isFile ? await fileFixes(file) : [{ id: 'folder', label: 'Make the folder' }];
  return {
    id: `${kind}:${file}`,
    kind,
    title: `The ${what} ${file} is not there.`,
    detail: made
      ? 'The engine would make an empty folder of this name, where a file is meant by the look of it.'
      : 'The engine refuses to start a container without it.',
    services: [service],
    weight: made ? 'notes' : 'stops',
    fixes,
  };
}

function alsoFor(found: Prerequisite, service: string): Prerequisite {
  return found.services.includes(service) ? found : { ...found, services: [...found.services, service] };
}
