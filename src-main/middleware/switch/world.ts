import type { Clock } from '#base/clock.ts';
import type { Project } from '#compose/project.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { StepKind } from '#contract/runModel.ts';
import type { Engine } from '#engine/engine.ts';

/** What a switch needs of the world; the app fills it in. */
export interface SwitchWorld {
  readonly engine: Engine;
  readonly apiVersion: string;
  readonly clock: Clock;
  readonly newId: () => string;
  /** The project as it is before the switch. */
  readonly project: Project;
  readonly files: SwitchFiles;
  /** The project as it would be with this override. */
  readonly loadWith: (override: string | undefined) => Promise<Project>;
  /** Resolves when the image is on this machine. */
  readonly ensureImage: (
    image: string,
    onBytes: (current: number, total: number | undefined) => void,
    signal: AbortSignal | undefined,
  ) => Promise<void>;
  /**
   * Creates and starts one service as the files say now, as if the containers in `without` did not exist, and resolves when
   * it is ready. Rejects when it is not.
   */
  readonly bootService: (request: {
    readonly service: string;
    readonly without: readonly ContainerId[];
    /** Everything up to the start may be done before it, the start may not. Its failure is the boot's. */
    readonly startsAfter?: Promise<void> | undefined;
    readonly signal?: AbortSignal | undefined;
  }) => Promise<BootedService>;
  readonly onStep: (progress: StepProgress) => void;
}

export interface BootedService {
  /** Its product's own probe has passed: nothing more is to be waited for. */
  readonly answered: boolean;
}

/** Files of the project's `.slipway` folder. Writing undefined removes. Writes are atomic: a reader sees the old or the new. */
export interface SwitchFiles {
  readOverride(): Promise<string | undefined>;
  writeOverride(text: string | undefined): Promise<void>;
  readLanes(): Promise<string | undefined>;
  writeLanes(text: string): Promise<void>;
  readJournal(service: string): Promise<string | undefined>;
  /** Only where there is none: false when another Slipway was faster. */
  beginJournal(service: string, text: string): Promise<boolean>;
  writeJournal(service: string, text: string | undefined): Promise<void>;
}

export interface StepProgress {
  readonly step: SwitchStepName;
  readonly status: 'running' | 'done' | 'failed' | 'skipped';
  readonly text?: string | undefined;
  readonly bytes?: number | undefined;
  readonly total?: number | undefined;
  readonly rows?: number | undefined;
}

export type SwitchStepName = 'pull' | 'stop' | 'prepare' | 'move' | 'verify' | 'commit' | 'start' | 'clean';

export interface SwitchStep {
  readonly name: SwitchStepName;
  readonly kind: StepKind;
  readonly label: string;
  readonly cause: string;
}
