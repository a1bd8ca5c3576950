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

/**
 * Looks once in a map of records, however often it is asked: a component asks at every drawing and at every frame, several ask the
 * same, and a map never changes. Forgotten with the map.
 */
function oncePerMap<T>(): (state: ServerState, key: string, look: () => T) => T {
  const looked = new WeakMap<ServerState['records'], Map<string, T>>();
  return ({ records }, key, look) => {
    const known = looked.get(records) ?? new Map<string, T>();
    looked.set(records, known);
    if (!known.has(key)) known.set(key, look());
    return known.get(key) as T;
  };
}

const workspacesOnce = oncePerMap<readonly WorkspaceRecord[]>();
const servicesOnce = oncePerMap<readonly ServiceRecord[]>();
const stepsOnce = oncePerMap<readonly StepRecord[]>();
const latestRunOnce = oncePerMap<RunRecord | undefined>();

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

/** The open projects in the order they were opened. A new array for every frame: compare shallowly. */
export function selectWorkspaces(state: ServerState): readonly WorkspaceRecord[] {
  return workspacesOnce(state, '', () =>
    [...state.records.values()].filter((entry) => entry.type === 'workspace'),
  );
}

/** The services of a project in the order of its file. A new array for every frame: compare shallowly. */
export function selectServices(state: ServerState, workspace: WorkspaceId): readonly ServiceRecord[] {
  return servicesOnce(state, workspace, () => {
    const names = selectWorkspace(state, workspace)?.services ?? [];
    return names.flatMap((name) => selectService(state, workspace, name) ?? []);
  });
}

const NO_STEPS: readonly StepRecord[] = [];

/** The steps of a run, in the order of its plan. A new array for every frame: compare shallowly. */
export function selectSteps(state: ServerState, run: RunRecord | undefined): readonly StepRecord[] {
  if (!run) return NO_STEPS;
  return stepsOnce(state, `${run.workspace}/${run.id}/${run.steps}`, () => {
    const steps: StepRecord[] = [];
    for (let index = 1; index <= run.steps; index += 1) {
      const step = record(state, 'step', `step:${run.workspace}/${run.id}/${index}`);
      if (step) steps.push(step);
    }
    return steps;
  });
}

/** The newest run of a project, whether it works or has ended. */
export function selectLatestRun(state: ServerState, workspace: WorkspaceId): RunRecord | undefined {
  return latestRunOnce(state, workspace, () => {
    let latest: RunRecord | undefined;
    for (const entry of state.records.values()) {
      if (entry.type !== 'run' || entry.workspace !== workspace) continue;
      if (!latest || entry.startedAt >= latest.startedAt) latest = entry;
    }
    return latest;
  });
}
