import { describeError, describeState, describeTook } from '#contract/describe.ts';
import type { AppError } from '#contract/errors.ts';
import type { ServiceName } from '#contract/ids.ts';
import type { RunRecord } from '#contract/runModel.ts';
import { showFailed, showScreen } from '#state/actions.ts';
import type { Notice } from '#state/notices.ts';
import { selectCurrent } from '#state/selectCurrent.ts';
import { selectService, selectServices, selectWorkspace } from '#state/selectors.ts';
import { hasFailed, isActive } from '#state/summary.ts';
import type { WindowModel } from '#state/windowModel.ts';

/** Says how a run ended, once, when it ends before our eyes; what is said of one goes when the next begins. */
export function followRuns(model: WindowModel): () => void {
  return model.server.subscribe((state, before) => {
    if (state.records === before.records) return;
    for (const [key, run] of state.records) {
      if (run.type === 'run' && before.records.get(key) !== run)
        follow(model, run, before.records.get(key) as RunRecord | undefined);
    }
  });
}

function follow(model: WindowModel, run: RunRecord, earlier: RunRecord | undefined): void {
  if (earlier === undefined && isActive(run)) model.notices.closeOf(run.workspace);
  if (earlier !== undefined && isActive(earlier) && !isActive(run)) announce(model, run);
}

/** The name of a project that one does not look at: a notice of it would be taken for one of what is on screen. */
function projectOf(model: WindowModel, { workspace }: RunRecord): string {
  const [server, view] = [model.server.getState(), model.view.getState()];
  if (!view.welcome && selectCurrent(server, view) === workspace) return '';
  const record = selectWorkspace(server, workspace);
  return record === undefined ? '' : `${record.name}: `;
}

function announce(model: WindowModel, run: RunRecord): void {
  const took = describeTook((run.finishedAt ?? run.startedAt) - run.startedAt);
  const how = run.status.type === 'done' ? `done in ${took}` : run.status.type;
  model.notices.say(`${run.title}: ${how}`);
  if (run.status.type !== 'failed') return;
  model.notices.add({
    tone: 'fail',
    workspace: run.workspace,
    title: `${projectOf(model, run)}${run.title} failed`,
    detail: detailOf(model, run, run.status.error),
    action: wayTo(model, run),
  });
}

/** What the engine said of a service that it could not start has its cause in the service's card by now. */
function detailOf(model: WindowModel, { workspace }: RunRecord, error: AppError): string {
  if (error.kind !== 'run.failed') return describeError(error);
  const state = model.server.getState();
  const failures = error.failures.map((failure) => {
    const service = selectService(state, workspace, (failure.service ?? '') as ServiceName);
    if (service === undefined || service.status.type !== 'failed') return failure;
    return { ...failure, error: { ...failure.error, message: describeState(service, 0), hint: undefined } };
  });
  return describeError({ ...error, failures });
}

/** Where more is to be read about how it failed: in its project, whichever is in front by then. */
function wayTo(model: WindowModel, { workspace, kind }: RunRecord): Notice['action'] {
  const show = (what: () => void) => ({
    label: 'Show',
    run: () => {
      model.view.setState({ workspace, welcome: false });
      what();
    },
  });
  // What differed and where the data is stays there.
  if (kind === 'switch') return show(() => showScreen(model, workspace, 'versions'));
  const failed = selectServices(model.server.getState(), workspace).some(hasFailed);
  return failed ? show(() => showFailed(model, workspace)) : undefined;
}
