import { useEffect } from 'react';
import { useStore } from 'zustand';
import { describeError, describeState, describeTook } from '#contract/describe.ts';
import type { AppError } from '#contract/errors.ts';
import type { ServiceName } from '#contract/ids.ts';
import type { RunRecord } from '#contract/runModel.ts';
import { showFailed, showScreen } from '#state/actions.ts';
import { useWindow } from '#state/hooks.ts';
import { selectService, selectServices } from '#state/selectors.ts';
import { hasFailed, isActive } from '#state/summary.ts';
import type { WindowModel } from '#state/windowModel.ts';
import { type Toast, Toasts } from '#ui/Toasts.tsx';

/** What is said in the corner, and to screen readers: how runs ended, which requests failed. */
export function Announcements() {
  const model = useWindow();
  const { notices, said, abovePx } = useStore(model.notices.store);
  useEffect(() => followRuns(model), [model]);
  return (
    <>
      <Toasts toasts={notices} abovePx={abovePx} onClose={(id) => model.notices.close(id)} />
      <div className="visually-hidden" role="status" aria-live="polite">
        {said}
      </div>
    </>
  );
}

/** Says how a run ended, once, when it ends before our eyes; what is said of one goes when the next begins. */
function followRuns(model: WindowModel): () => void {
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

function announce(model: WindowModel, run: RunRecord): void {
  const took = describeTook((run.finishedAt ?? run.startedAt) - run.startedAt);
  const how = run.status.type === 'done' ? `done in ${took}` : run.status.type;
  model.notices.say(`${run.title}: ${how}`);
  if (run.status.type !== 'failed') return;
  model.notices.add({
    tone: 'fail',
    workspace: run.workspace,
    title: `${run.title} failed`,
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

/** Where more is to be read about how it failed. */
function wayTo(model: WindowModel, run: RunRecord): Toast['action'] {
  // What differed and where the data is stays there.
  if (run.kind === 'switch')
    return { label: 'Show', run: () => showScreen(model, run.workspace, 'versions') };
  const failed = selectServices(model.server.getState(), run.workspace).some(hasFailed);
  return failed ? { label: 'Show', run: () => showFailed(model, run.workspace) } : undefined;
}
