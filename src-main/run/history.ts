import type { Disposable } from '#base/disposables.ts';
import { SequentialQueue } from '#base/sequentialQueue.ts';
import type { TextStore } from '#base/textStore.ts';
import type { BootTimeline } from '#contract/requests/boot.ts';

/** Boots kept of a project: some weeks of work, and under a megabyte with 200 services. */
const KEPT_BOOTS = 50;
/** The usual time is that of so many last boots. */
const USUAL_OF = 10;
/** Before so many boots there is no "usually". */
const USUAL_FROM = 3;

/** The last boots of each project, newest first, on disk: other processes write there too, so nothing is kept in memory. */
export class BootHistory {
  readonly #store: TextStore;
  readonly #queue = new SequentialQueue();

  constructor(store: TextStore) {
    this.#store = store;
  }

  /** `project`: anything that names it for good, such as the workspace's id. */
  list(project: string): Promise<readonly BootTimeline[]> {
    return this.#queue.run(async () => parse(await this.#store.read(historyFile(project))));
  }

  add(project: string, timeline: BootTimeline): Promise<readonly BootTimeline[]> {
    return this.#queue.run(async () => {
      let kept: readonly BootTimeline[] = [];
      await this.#store.update(historyFile(project), (text) => {
        kept = [timeline, ...parse(text)].slice(0, KEPT_BOOTS);
        return `${JSON.stringify({ version: 1, boots: kept })}\n`;
      });
      return kept;
    });
  }

  /** Tells when a boot of the project may have been written, by this process or another. */
  watch(project: string, listener: () => void): Disposable {
    return this.#store.watch(historyFile(project), listener);
  }
}

function historyFile(project: string): string {
  return `boots-${project.replace(/[^\w.-]/g, '_')}.json`;
}

/** What is not a history of this version counts as none: it is a memory, not the user's data. */
function parse(text: string | undefined): readonly BootTimeline[] {
  if (text === undefined) return [];
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('boots' in value) || !Array.isArray(value.boots))
      return [];
    return value.boots.filter(isTimeline).slice(0, KEPT_BOOTS);
  } catch {
    return [];
  }
}

function isTimeline(value: unknown): value is BootTimeline {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'totalMs' in value &&
    typeof value.totalMs === 'number' &&
    'services' in value &&
    Array.isArray(value.services)
  );
}

/** What a boot of this project usually takes, milliseconds: the middle one of the last that did anything and went well. */
export function usualBootMs(boots: readonly BootTimeline[]): number | undefined {
  const worked = boots.filter((boot) => boot.outcome === 'done' && boot.services.length > 0);
  return worked.length < USUAL_FROM
    ? undefined
    : median(worked.slice(0, USUAL_OF).map((boot) => boot.totalMs));
}

/** What one service usually needs from its start until it is ready, milliseconds, without its waiting for others. */
export function usualServiceMs(boots: readonly BootTimeline[], service: string): number | undefined {
  const times = boots
    .filter((boot) => boot.outcome === 'done')
    .flatMap((boot) => boot.services.filter((entry) => entry.service === service))
    // A boot that found it running says nothing about how long it takes to start.
    .filter(({ spans }) => spans.some(({ phase }) => phase === 'start'))
    .map(ownMs)
    .slice(0, USUAL_OF);
  return times.length < USUAL_FROM ? undefined : median(times);
}

/** How long it took from its start until it was ready, milliseconds, without its waiting for others. */
export function ownMs(entry: BootTimeline['services'][number]): number {
  return entry.spans
    .filter((span) => span.phase === 'start' || span.phase === 'check' || span.phase === 'run')
    .reduce((sum, span) => sum + span.toMs - span.fromMs, 0);
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const before = sorted[Math.ceil(sorted.length / 2) - 1] ?? middle;
  return (middle + before) / 2;
}
