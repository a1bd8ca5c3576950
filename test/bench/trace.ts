import type { CDPSession } from '@playwright/test';

/** Enough to know every task, and how long it had the processor. */
export const TASKS_ONLY = ['toplevel', '__metadata'];
/** What the window did in them, too: costs time itself. */
export const DETAILED = [...TASKS_ONLY, 'devtools.timeline', 'disabled-by-default-devtools.timeline'];

/** A task of a thread, as Chromium's scheduler calls it. */
const TASK = 'ThreadControllerImpl::RunTask';

export interface Task {
  /** Milliseconds from its beginning to its end. */
  readonly wall: number;
  /** Milliseconds in which it really had the processor; the rest it waited for one. */
  readonly cpu: number;
}

export interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds. */
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args: { readonly name?: string; readonly data?: { readonly message?: string } };
}

/** Traces the page until the returned function is called, which hands over the tasks of its main thread. */
export async function beginTrace(session: CDPSession): Promise<() => Promise<Task[]>> {
  const events = await beginEvents(session, TASKS_ONLY);
  return async () => tasksOf(await events());
}

/** `console.timeStamp` of this in the page: what was before it does not count. */
export const BEGIN = 'measured from here';

/** Everything that the trace held. */
export async function beginEvents(
  session: CDPSession,
  categories: readonly string[],
): Promise<() => Promise<readonly TraceEvent[]>> {
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await session.send('Tracing.start', {
    traceConfig: { includedCategories: [...categories], excludedCategories: ['*'] },
    transferMode: 'ReportEvents',
  });
  return async () => {
    const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
    await session.send('Tracing.end');
    await complete;
    return events;
  };
}

/** The tasks of the page's main thread, from `BEGIN` on where the page has said it. */
export function tasksOf(events: readonly TraceEvent[]): Task[] {
  const begin =
    events.find(({ name, args }) => name === 'TimeStamp' && args.data?.message === BEGIN)?.ts ?? 0;
  const threads = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const tasks = events.filter(
    ({ name, ph, pid, tid, ts }) =>
      name === TASK && ph === 'X' && ts >= begin && threads.has(`${pid} ${tid}`),
  );
  if (tasks.length === 0) throw new Error('The trace holds no task of the window.');
  return tasks.map(({ dur = 0, tdur = 0 }) => ({ wall: dur / 1000, cpu: tdur / 1000 }));
}
