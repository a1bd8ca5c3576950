import { useEffect } from 'react';
import { useStore } from 'zustand';
import { useWindow } from '#state/hooks.ts';
import { Toasts } from '#ui/Toasts.tsx';
import { followRuns } from './followRuns.ts';

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
