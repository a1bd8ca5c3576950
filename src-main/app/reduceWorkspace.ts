import type { Project } from '#compose/project.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { WorkspaceRecord } from '#contract/model.ts';
import type { BootTimeline } from '#contract/requests/boot.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import { findOrphans } from '#plan/orphans.ts';
import type { ProjectSource } from './projectSource.ts';
import { OVERRIDE_FILE } from './projectSource.ts';
import { reduceProfiles, serviceNames } from './reduceService.ts';
import type { RunTracker } from './runTracker.ts';

export interface WorkspaceFacts {
  readonly id: WorkspaceId;
  readonly source: ProjectSource;
  readonly containers: readonly ObservedContainer[];
  readonly run?: RunTracker | undefined;
  readonly live: boolean;
  /** Newest first. */
  readonly boots: readonly BootTimeline[];
  readonly usualBootMs?: number | undefined;
}

/** The project as a whole. */
export function reduceWorkspace(facts: WorkspaceFacts): WorkspaceRecord {
  const { source, run } = facts;
  const project = source.shown;
  const [last] = facts.boots;
  return {
    type: 'workspace',
    id: facts.id,
    folder: project?.workingDir ?? source.request.folder,
    name: source.name,
    composeFiles: project?.composeFiles ?? source.request.files ?? [],
    branch: source.branch,
    project: source.status,
    services: project === undefined ? [] : serviceNames(project),
    profiles: project === undefined ? [] : reduceProfiles(project),
    orphans: project === undefined ? [] : orphansOf(project, facts.containers),
    activeRun: run?.active ? run.record.id : undefined,
    lastBoot: last && { run: last.run, totalMs: last.totalMs, outcome: last.outcome },
    lastRun: run?.record.kind,
    usualBootMs: facts.usualBootMs,
    live: facts.live,
    override: project?.composeFiles.find((file) => file.replaceAll('\\', '/').endsWith(OVERRIDE_FILE)),
  };
}

function orphansOf(project: Project, containers: readonly ObservedContainer[]): WorkspaceRecord['orphans'] {
  return findOrphans(project, { containers }).map(({ id, name, service, state }) => ({
    id,
    name,
    service,
    state,
  }));
}
