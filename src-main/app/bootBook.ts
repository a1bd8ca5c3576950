import { type Disposable, Disposables } from '#base/disposables.ts';
import type { Project } from '#compose/project.ts';
import type { BootTimeline } from '#contract/requests/boot.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import type { RunEvent, RunResult } from '#run/events.ts';
import type { BootHistory } from '#run/history.ts';
import { withSlowerNotes } from '#run/slower.ts';
import { BootRecorder, withFirstLines } from './bootRecorder.ts';
import type { CoreOptions } from './coreOptions.ts';
import type { RunTracker } from './runTracker.ts';
import type { WorkspaceLogs } from './workspaceLogs.ts';

/** What a project's book of boots needs of the project. */
export interface BootBookContext {
  readonly options: Pick<CoreOptions, 'clock' | 'logger' | 'purpose'>;
  readonly history: BootHistory;
  /** Under which the history is kept. */
  readonly key: () => string;
  /** Another process has written a boot. */
  readonly changed: () => void;
  readonly containers: () => readonly ObservedContainer[];
  readonly branch: () => string | undefined;
  /** Where logs are collected. */
  readonly logs: () => WorkspaceLogs | undefined;
}

/** The last boots of a project, and the one that is being recorded. */
export class BootBook implements Disposable {
  readonly #context: BootBookContext;
  readonly #disposables = new Disposables();
  #boots: readonly BootTimeline[] = [];
  #recording: { readonly recorder: BootRecorder; readonly project: Project } | undefined;

  constructor(context: BootBookContext) {
    this.#context = context;
  }

  readonly #failed = (thrown: unknown) =>
    this.#context.options.logger.warn({ thrown }, 'the boot history cannot be kept');

  dispose(): Promise<void> {
    return this.#disposables.dispose();
  }

  /** Newest first. */
  get boots(): readonly BootTimeline[] {
    return this.#boots;
  }

  /** Reads what is kept of earlier boots. */
  async start(): Promise<void> {
    const { options, history, key, changed } = this.#context;
    // Of boots that other processes write a command is over before it could tell.
    if (options.purpose !== 'command')
      this.#disposables.add(history.watch(key(), () => void this.#read().then(changed, this.#failed)));
    await this.#read();
  }

  async #read(): Promise<void> {
    this.#boots = await this.#context.history.list(this.#context.key());
  }

  /** A boot begins; what it tells is to be handed to the result. */
  record(project: Project): (event: RunEvent) => void {
    const recorder = new BootRecorder(this.#context.options.clock);
    this.#recording = { recorder, project };
    return (event) => recorder.hear(event);
  }

  /** Ends the recording that is under way; undefined where the run that ended was no boot. The result writes it down. */
  ended(): ((run: RunTracker, result: RunResult) => Promise<void>) | undefined {
    const recording = this.#recording;
    this.#recording = undefined;
    if (recording === undefined) return undefined;
    return (run, result) => {
      const { project, recorder } = recording;
      const { containers, branch } = this.#context;
      const seen = { project, containers: containers(), branch: branch() };
      return this.#write(recorder.timeline(run, result, seen));
    };
  }

  async #write(timeline: BootTimeline): Promise<void> {
    const { history, key, logs } = this.#context;
    logs()?.bootEnded(timeline);
    if (saysNothing(timeline, this.#boots[0])) return;
    try {
      const whole = withSlowerNotes(await this.#withFirstLines(timeline), this.#boots);
      this.#boots = await history.add(key(), whole);
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  /** Where the logs are collected, a boot knows when each service it started wrote its first line. */
  async #withFirstLines(timeline: BootTimeline): Promise<BootTimeline> {
    const first = await this.#context.logs()?.firstLines(timeline);
    return first === undefined ? timeline : withFirstLines(timeline, first);
  }
}

/** A boot that found everything as it should be tells nothing of where time goes; the one before it does. */
function saysNothing(boot: BootTimeline, before: BootTimeline | undefined): boolean {
  const didNothing = boot.services.length === 0 && (boot.warnings ?? []).length === 0;
  return didNothing && boot.outcome === 'done' && before?.outcome === 'done';
}
