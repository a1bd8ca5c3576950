import type { RunId, ServiceName, WorkspaceId } from '#contract/ids.ts';
import type {
  EngineStatus,
  GatewayRecord,
  RecordKey,
  ServiceRecord,
  SettingsRecord,
  StateRecord,
  WorkspaceRecord,
} from '#contract/model.ts';
import type { RunRecord, StepRecord } from '#contract/runModel.ts';
import type { ServerState } from './serverStore.ts';

function record<T extends StateRecord['type']>(
  state: ServerState,
  type: T,
  key: string,
): Extract<StateRecord, { type: T }> | undefined {
  const found = state.records.get(key as RecordKey);
  return found?.type === type ? (found as Extract<StateRecord, { type: T }>) : undefined;
}

export function selectEngine(state: ServerState): EngineStatus | undefined {
  return record(state, 'engine', 'engine')?.status;
}

export function selectSettings(state: ServerState): SettingsRecord | undefined {
  return record(state, 'settings', 'settings');
}

export function selectGateway(state: ServerState): GatewayRecord['status'] | undefined {
  return record(state, 'gateway', 'gateway')?.status;
}

export function selectWorkspace(
  state: ServerState,
  id: WorkspaceId | undefined,
): WorkspaceRecord | undefined {
  return id === undefined ? undefined : record(state, 'workspace', `workspace:${id}`);
}

export function selectService(
  state: ServerState,
  workspace: WorkspaceId,
  name: ServiceName,
): ServiceRecord | undefined {
  return record(state, 'service', `service:${workspace}/${name}`);
}

export function selectRun(
  state: ServerState,
  workspace: WorkspaceId,
  run: RunId | undefined,
): RunRecord | undefined {
  return run === undefined ? undefined : record(state, 'run', `run:${workspace}/${run}`);
}

/** The open projects in the order they were opened. A new array each time: compare shallowly. */
export function selectWorkspaces(state: ServerState): WorkspaceRecord[] {
  return [...state.records.values()].filter((entry) => entry.type === 'workspace');
}

/** The services of a project in the order of its file. A new array each time: compare shallowly. */
export function selectServices(state: ServerState, workspace: WorkspaceId): ServiceRecord[] {
  const names = selectWorkspace(state, workspace)?.services ?? [];
  return names.flatMap((name) => selectService(state, workspace, name) ?? []);
}

/** The steps of a run, in the order of its plan. A new array each time: compare shallowly. */
export function selectSteps(state: ServerState, run: RunRecord | undefined): StepRecord[] {
  if (!run) return [];
  const steps: StepRecord[] = [];
  for (let index = 1; index <= run.steps; index += 1) {
    const step = record(state, 'step', `step:${run.workspace}/${run.id}/${index}`);
    if (step) steps.push(step);
  }
  return steps;
}

/** The newest run of a project, whether it works or has ended. */
export function selectLatestRun(state: ServerState, workspace: WorkspaceId): RunRecord | undefined {
  let latest: RunRecord | undefined;
  for (const entry of state.records.values()) {
    if (entry.type !== 'run' || entry.workspace !== workspace) continue;
    if (!latest || entry.startedAt >= latest.startedAt) latest = entry;
  }
  return latest;
}
