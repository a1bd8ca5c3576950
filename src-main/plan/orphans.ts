import type { Project } from '#compose/project.ts';
import { removeContainer } from './containers.ts';
import type { ObservedContainer, ObservedState } from './observed.ts';
import type { Work } from './work.ts';

/**
 * Containers of this project *and* this folder that belong to no service of the file. Another folder's project may
 * have the same name: its containers are none of ours.
 */
export function findOrphans(
  project: Project,
  observed: Pick<ObservedState, 'containers'>,
): ObservedContainer[] {
  return observed.containers.filter(
    (container) =>
      !container.oneOff &&
      container.project === project.name &&
      (container.workingDir === undefined || container.workingDir === project.workingDir) &&
      !Object.hasOwn(project.services, container.service) &&
      !Object.hasOwn(project.disabledServices, container.service),
  );
}

/** Removes orphans where that was asked for; otherwise names them. */
export function planOrphans(work: Work): void {
  for (const container of findOrphans(work.input.project, work.input.observed)) {
    if (work.input.options.orphans === 'remove') {
      work.orphanSteps.push(removeContainer(work, container, 'belongs to no service of the file'));
      continue;
    }
    work.builder.warn({ message: `${container.name} belongs to no service of the file` });
  }
}
