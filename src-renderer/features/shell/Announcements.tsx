import { useEffect } from 'react';
import { useStore } from 'zustand';
import { describeError, describeTook } from '#contract/describe.ts';
import type { RunRecord } from '#contract/runModel.ts';
import { showScreen } from '#state/actions.ts';
import { useWindow } from '#state/hooks.ts';
import { isActive } from '#state/summary.ts';
import type { WindowModel } from '#state/windowModel.ts';
import { Toasts } from '#ui/Toasts.tsx';

/** What is said in the corner, and to screen readers: how runs ended, which requests failed. */
export function Announcements() {
  const model = useWindow();
  const { notices, said } = useStore(model.notices.store);
  useEffect(() => followRuns(model), [model]);
  return (
    <>
      <Toasts toasts={notices} onClose={(id) => model.notices.close(id)} />
      <div className="visually-hidden" role="status" aria-live="polite">
        {said}
      </div>
    </>
  );
}

/** Says how a run ended, once, when it ends before our eyes. */
function followRuns(model: WindowModel): () => void {
  return model.server.subscribe((state, before) => {
    if (state.records === before.records) return;
    for (const [key, run] of state.records) {
      if (run.type !== 'run' || isActive(run)) continue;
      const earlier = before.records.get(key);
      if (earlier?.type === 'run' && isActive(earlier)) announce(model, run);
    }
  });
}

function announce(model: WindowModel, run: RunRecord): void {
  const took = describeTook((run.finishedAt ?? run.startedAt) - run.startedAt);
  const how = run.status.type === 'done' ? `done in ${took}` : run.status.type;
  model.notices.say(`${run.title}: ${how}`);
  if (run.status.type !== 'failed') return;
  model.notices.add({
    tone: 'fail',
    title: `${run.title} failed`,
    detail: describeError(run.status.error),
    // What differed and where the data is stays there to be read.
    ...(run.kind === 'switch' && {
      action: { label: 'Show', run: () => showScreen(model, run.workspace, 'versions') },
    }),
  });
}
