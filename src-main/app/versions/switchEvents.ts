import type { Clock } from '#base/clock.ts';
import type { StepProgress, SwitchStep } from '#middleware/switch/world.ts';
import type { RunEvent } from '#run/events.ts';

/** Events of a part whose steps are numbered from one, in a run where others come before. */
export function shifted(onEvent: (event: RunEvent) => void, before: number): (event: RunEvent) => void {
  return (event) => onEvent({ ...event, step: event.step + before });
}

/** A switch's own progress in the words of a run. */
export function stepEvents(
  steps: readonly SwitchStep[],
  onEvent: (event: RunEvent) => void,
  clock: Clock,
): (progress: StepProgress) => void {
  const started = new Set<number>();
  return (progress) => {
    const step = steps.findIndex((entry) => entry.name === progress.step) + 1;
    if (step === 0) return;
    const at = clock.now();
    if (!started.has(step)) onEvent({ type: 'stepStarted', step, at });
    started.add(step);
    if (progress.bytes !== undefined || progress.text !== undefined) {
      onEvent({
        type: 'stepProgress',
        step,
        at,
        progress: {
          current: progress.bytes ?? 0,
          total: progress.total,
          unit: 'bytes',
          text: wordsOf(progress),
        },
      });
    }
    if (progress.status === 'done') onEvent({ type: 'stepDone', step, at });
    if (progress.status === 'failed')
      onEvent({ type: 'stepFailed', step, at, error: { kind: 'internal', message: progress.text ?? '' } });
  };
}

function wordsOf({ text, rows }: StepProgress): string | undefined {
  if (!rows) return text;
  return [text, `${rows.toLocaleString('en')} rows`].filter(Boolean).join(', ');
}
