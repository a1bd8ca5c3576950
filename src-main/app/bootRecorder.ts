import type { Clock } from '#base/clock.ts';
import type { Project } from '#compose/project.ts';
import type { BootTimeline, ServiceTimeline } from '#contract/requests/boot.ts';
import { milliseconds } from '#plan/containerBody/units.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import type { RunEvent, RunResult } from '#run/events.ts';
import { TimelineRecorder } from '#run/timeline.ts';
import type { RunTracker } from './runTracker.ts';

/** Between two of the engine's own checks where the file says nothing. Source: Docker Engine API, HealthConfig. */
const ENGINE_INTERVAL_MS = 30_000;

/** How things were when the boot had ended. */
export interface SeenAfterBoot {
  readonly project: Project;
  readonly containers: readonly ObservedContainer[];
  readonly branch?: string | undefined;
}

/**
 * Remembers a run's events with their time and, at the end, tells where that time went: only then is it known how many plans
 * the run took.
 */
export class BootRecorder {
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #began: number;
  readonly #heard: { readonly event: RunEvent; readonly monotonic: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#began = clock.monotonic();
  }

  /** `event` as it is numbered through all plans of the run. */
  hear(event: RunEvent): void {
    this.#heard.push({ event, monotonic: this.#clock.monotonic() });
  }

  timeline(run: RunTracker, result: RunResult, seen: SeenAfterBoot): BootTimeline {
    const end = this.#clock.monotonic();
    let at = this.#began;
    const replay: Clock = { ...this.#clock, now: () => this.#startedAt, monotonic: () => at };
    const recorder = new TimelineRecorder({ steps: run.planned, hazards: [], warnings: [] }, replay);
    for (const { event, monotonic } of this.#heard) {
      at = monotonic;
      recorder.apply(event);
    }
    at = end;
    const timeline = recorder.finish({
      run: run.record.id,
      result,
      intervalMs: (name) => intervalMs(seen.project, name),
      ran: (name) => ranAs(seen.containers, name),
      branch: seen.branch,
    });
    const { warnings } = run.record;
    return warnings === undefined ? timeline : { ...timeline, warnings };
  }
}

function ranAs(containers: readonly ObservedContainer[], service: string): ServiceTimeline['ran'] {
  const found = containers.find((entry) => entry.service === service && !entry.oneOff);
  return found && { imageId: found.imageId, configHash: found.configHash };
}

function intervalMs(project: Project, service: string): number {
  const interval = project.services[service]?.healthcheck?.interval;
  return interval === undefined ? ENGINE_INTERVAL_MS : milliseconds(interval) || ENGINE_INTERVAL_MS;
}

/** The timeline with the first log line of each service. `first`: milliseconds since the epoch, by service. */
export function withFirstLines(boot: BootTimeline, first: ReadonlyMap<string, number>): BootTimeline {
  const services = boot.services.map((entry) => {
    const at = first.get(entry.service);
    return at === undefined ? entry : { ...entry, firstLogMs: Math.max(0, at - boot.startedAt) };
  });
  return { ...boot, services };
}
