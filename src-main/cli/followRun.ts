import type { RunId } from '#contract/ids.ts';
import type { RecordKey } from '#contract/model.ts';
import type { RunRecord, StepRecord } from '#contract/runModel.ts';
import { createProgress, type Progress } from './progress/progress.ts';
import { asked, type Session, whenState } from './session.ts';

/** Shows a run's progress until it has ended. Ctrl-C cancels it and waits for it to end in order. */
export async function followRun(session: Session, run: RunId): Promise<RunRecord> {
  const cancel = () =>
    void asked(session.client.stack.cancel({ workspace: session.workspace, run })).catch(() => undefined);
  session.signal.addEventListener('abort', cancel, { once: true });
  if (session.signal.aborted) cancel();
  const progress = createProgress(session.output);
  try {
    // The signal cancels the run, whose end is still waited for: so this wait has none.
    const untilEnd: Session = { ...session, signal: new AbortController().signal };
    return await whenState(untilEnd, () => endOf(untilEnd, run, progress));
  } finally {
    progress.end();
    session.signal.removeEventListener('abort', cancel);
  }
}

function endOf(session: Session, run: RunId, progress: Progress): RunRecord | undefined {
  const record = runRecord(session, run);
  if (record === undefined) return undefined;
  progress.show(record, stepRecords(session, record));
  const ended = record.status.type !== 'running' && record.status.type !== 'cancelling';
  return ended ? record : undefined;
}

export function runRecord(session: Session, run: RunId): RunRecord | undefined {
  const record = session.core.feed.get(`run:${session.workspace}/${run}` as RecordKey);
  return record?.type === 'run' ? record : undefined;
}

export function stepRecords(session: Session, run: RunRecord): StepRecord[] {
  return Array.from({ length: run.steps }, (_, i) => i + 1).flatMap((index) => {
    const record = session.core.feed.get(`step:${session.workspace}/${run.id}/${index}` as RecordKey);
    return record?.type === 'step' ? [record] : [];
  });
}
