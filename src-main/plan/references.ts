import type { ContainerBody, HostConfigBody } from '#engine/bodies.ts';
import { linksOf } from './containerBody/networking.ts';
import type { ReplicaAction, ServiceDecision } from './decide.ts';
import { finalName } from './decide.ts';
import type { Reference, Target } from './plan.ts';
import { existing, replicaKey, type Work } from './work.ts';

/**
 * Takes the parts that name another service's container out of a body: their ids are only known when the plan runs.
 */
export function splitReferences(
  work: Work,
  body: ContainerBody,
): { readonly body: ContainerBody; readonly references: readonly Reference[] } {
  const host: Record<string, unknown> = { ...body.HostConfig };
  const references: Reference[] = [];
  for (const field of ['NetworkMode', 'PidMode', 'IpcMode'] as const) {
    const mode = host[field];
    if (typeof mode !== 'string' || !mode.startsWith('service:')) continue;
    const target = firstContainer(work, mode.slice('service:'.length));
    if (target === undefined) continue;
    delete host[field];
    references.push({ field, target });
  }
  const volumes = splitVolumesFrom(work, body.HostConfig);
  if (volumes.own.length > 0) host['VolumesFrom'] = volumes.own;
  else delete host['VolumesFrom'];
  return { body: { ...body, HostConfig: host }, references: [...references, ...volumes.references] };
}

function splitVolumesFrom(
  work: Work,
  host: HostConfigBody | undefined,
): { readonly own: string[]; readonly references: Reference[] } {
  const own: string[] = [];
  const references: Reference[] = [];
  const listed = host?.['VolumesFrom'];
  for (const entry of Array.isArray(listed) ? listed.map(String) : []) {
    if (entry.startsWith('container:')) {
      own.push(entry.slice('container:'.length));
      continue;
    }
    const [service = '', mode] = entry.split(':');
    const target = firstContainer(work, service);
    if (target !== undefined) references.push({ field: 'VolumesFrom', target, mode });
  }
  return { own, references };
}

/** The first replica's container as it will be when this plan has come so far. */
function firstContainer(work: Work, service: string): Target | undefined {
  const decision = work.decisions.get(service);
  const action = decision?.actions[0];
  return decision === undefined || action === undefined ? undefined : targetOf(work, decision, action);
}

/** The container that a replica has after its creation step. */
export function targetOf(work: Work, decision: ServiceDecision, action: ReplicaAction): Target {
  switch (action.type) {
    case 'keep':
    case 'start':
    case 'restart':
      return existing(action.container);
    case 'finish':
      return {
        ...existing(action.replacement),
        name: finalName(work.input, decision.name, action.number, decision.service),
      };
    case 'create':
    case 'recreate': {
      const name = finalName(work.input, decision.name, action.number, decision.service);
      const step = work.createSteps.get(replicaKey(decision.name, action.number)) ?? 0;
      return { type: 'created', step, name };
    }
  }
}

/** `links` with the names that the linked containers have in the end. */
export function linksFor(work: Work, decision: ServiceDecision, number: number): string[] {
  return linksOf({ project: work.input.project.name, service: decision.service, number }, (linked) => {
    const target = work.decisions.get(linked);
    return (target?.actions ?? []).map((action) =>
      finalName(
        work.input,
        linked,
        'number' in action ? action.number : action.container.number,
        target?.service ?? decision.service,
      ),
    );
  });
}
