import { COMPOSE_VERSION, formatDependencies, LABELS } from '#compose/labels.ts';
import type { BodyContext } from './context.ts';

/** The service's own labels and the ones that docker compose writes, by name. */
export function containerLabels(context: BodyContext): Record<string, string> {
  const { project, service } = context;
  const labels: Record<string, string> = {
    ...service.labels,
    [LABELS.project]: project.name,
    [LABELS.service]: context.serviceName,
    [LABELS.containerNumber]: String(context.number),
    [LABELS.oneOff]: 'False',
    [LABELS.version]: COMPOSE_VERSION,
    [LABELS.configHash]: context.configHash,
    [LABELS.dependencies]: formatDependencies(service.depends_on ?? {}),
    [LABELS.workingDir]: project.workingDir,
    [LABELS.configFiles]: project.composeFiles.join(','),
  };
  if (context.imageId !== undefined) labels[LABELS.imageDigest] = context.imageId;
  if (context.replaces !== undefined) labels[LABELS.replace] = context.replaces;
  return sortKeys(labels);
}

export function sortKeys<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
