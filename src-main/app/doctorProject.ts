import { LABELS } from '#compose/labels.ts';
import { builtImageName } from '#compose/names.ts';
import type { LoadWarning, Project } from '#compose/project.ts';
import { describeError } from '#contract/describe.ts';
import type { DoctorFinding } from '#contract/requests/app.ts';
import type { ContainerSummary } from '#engine/containers.ts';
import type { Engine } from '#engine/engine.ts';
import { type Lane, parseLanes } from '#middleware/lane.ts';
import { unlessEngineFails } from './doctor.ts';
import { portHolder } from './portHolder.ts';
import { slipwayFiles } from './versions/slipwayFiles.ts';
import type { Workspace } from './workspace.ts';

/** What is wrong with a project, or will be at the next boot. */
export async function projectFindings(
  workspace: Workspace,
  engine: Engine | undefined,
  signal: AbortSignal | undefined,
): Promise<DoctorFinding[]> {
  const files = fileFindings(workspace);
  const project = workspace.source.shown;
  if (project === undefined || engine === undefined) return files;
  const containers = (await unlessEngineFails(engine.listContainers({ all: true, signal }))) ?? [];
  const [images, ports, volumes] = await Promise.all([
    imageFindings(project, engine, signal),
    portFindings(project, containers),
    volumeFindings(project, engine, signal),
  ]);
  return [...files, ...images, ...ports, ...orphanFindings(project, containers), ...volumes];
}

/** What is old is read as what it means: nothing to do. */
const HARMLESS: ReadonlySet<LoadWarning['kind']> = new Set(['format.converted', 'attribute.obsolete']);

function fileFindings({ source }: Workspace): DoctorFinding[] {
  const { status } = source;
  if (status.type === 'invalid') {
    return status.errors.map((error, index) => ({
      id: `files.${index}`,
      area: 'project' as const,
      severity: 'error' as const,
      title: describeError(error),
    }));
  }
  if (status.type === 'loading') return [];
  const harmless = new Set(
    source.shown?.warnings.filter(({ kind }) => HARMLESS.has(kind)).map(({ message }) => message),
  );
  const warnings = status.warnings.map(({ message, at }, index) => ({
    id: `files.${index}`,
    area: 'project' as const,
    severity: harmless.has(message) ? ('note' as const) : ('warning' as const),
    title: message,
    detail: at && `${at.file}:${at.line}:${at.column}`,
  }));
  const services = Object.keys(source.shown?.services ?? {}).length;
  const ok = {
    id: 'files',
    area: 'project',
    severity: 'ok',
    title: `${source.name}: ${services} ${services === 1 ? 'service' : 'services'}`,
  } as const;
  return [ok, ...warnings];
}

async function imageFindings(
  project: Project,
  engine: Engine,
  signal: AbortSignal | undefined,
): Promise<DoctorFinding[]> {
  const byImage = new Map<string, { readonly services: string[]; readonly built: boolean }>();
  for (const [name, service] of Object.entries(project.services)) {
    const image = service.image ?? builtImageName(project.name, name);
    const entry = byImage.get(image) ?? { services: [], built: service.build !== undefined };
    entry.services.push(name);
    byImage.set(image, entry);
  }
  const found = await Promise.all(
    [...byImage].map(async ([image, { services, built }]) => {
      const details = await unlessEngineFails(engine.inspectImage(image, { signal }));
      if (details !== undefined) return [];
      const how = built ? 'built' : 'pulled';
      return [
        {
          id: `image.${image}`,
          area: 'images' as const,
          severity: 'note' as const,
          title: `${image} is not on this machine`,
          detail: `${services.join(', ')}: the next boot will have it ${how}.`,
        },
      ];
    }),
  );
  return found.flat();
}

/** Ports that the files fix and that somebody else holds. */
async function portFindings(
  project: Project,
  containers: readonly ContainerSummary[],
): Promise<DoctorFinding[]> {
  const found: DoctorFinding[] = [];
  for (const [service, { ports }] of Object.entries(project.services)) {
    for (const port of ports ?? []) {
      const published = Number(port.published);
      if (!Number.isInteger(published) || published === 0) continue;
      const holder = await portHolder({
        port: published,
        protocol: port.protocol ?? 'tcp',
        project: project.name,
        containers,
      });
      if (holder === undefined) continue;
      found.push({
        id: `port.${published}`,
        area: 'ports',
        severity: 'error',
        title: `Port ${published} is in use, ${service} cannot have it`,
        detail: `Held by ${holder}.`,
        fix: 'Stop what holds it, or publish another port.',
      });
    }
  }
  return found;
}

function orphanFindings(project: Project, containers: readonly ContainerSummary[]): DoctorFinding[] {
  const known = { ...project.services, ...project.disabledServices };
  const orphans = containers.filter(({ labels }) => {
    const service = labels[LABELS.service];
    const folder = labels[LABELS.workingDir];
    const ours =
      labels[LABELS.project] === project.name &&
      (folder === undefined || folder === project.workingDir) &&
      labels[LABELS.oneOff]?.toLowerCase() !== 'true';
    return ours && service !== undefined && !Object.hasOwn(known, service);
  });
  if (orphans.length === 0) return [];
  return [
    {
      id: 'orphans',
      area: 'project',
      severity: 'note',
      title:
        orphans.length === 1
          ? 'A container belongs to a service that the files do not have any more'
          : `${orphans.length} containers belong to services that the files do not have any more`,
      detail: orphans.map(({ name }) => name).join(', '),
      fix: 'slipway up --remove-orphans removes them.',
    },
  ];
}

/** The data of a version that was switched away from is not forgotten: it is the way back. */
export function forgottenVolumes<T extends { readonly name: string }>(
  volumes: readonly T[],
  { project, lanes }: { readonly project: Pick<Project, 'volumes'>; readonly lanes: readonly Lane[] },
): readonly T[] {
  const known = new Set([
    ...Object.values(project.volumes).map(({ name }) => name),
    ...lanes.map(({ source }) => source),
  ]);
  return volumes.filter(({ name }) => !known.has(name));
}

/** Volumes of this project that no file names any more: data that somebody may have forgotten. */
async function volumeFindings(
  project: Project,
  engine: Engine,
  signal: AbortSignal | undefined,
): Promise<DoctorFinding[]> {
  const labels = [`${LABELS.project}=${project.name}`];
  const volumes = (await unlessEngineFails(engine.listVolumes({ labels, signal }))) ?? [];
  const lanes = parseLanes(await slipwayFiles(project.workingDir).readLanes());
  const left = forgottenVolumes(volumes, { project, lanes });
  if (left.length === 0) return [];
  return [
    {
      id: 'leftovers',
      area: 'data',
      severity: 'note',
      title:
        left.length === 1
          ? 'A volume of this project is in no file any more'
          : `${left.length} volumes of this project are in no file any more`,
      detail: left.map(({ name }) => name).join(', '),
      fix: 'Nothing removes them by itself. Data shows what they hold, and removes them with a way back for a week.',
    },
  ];
}
