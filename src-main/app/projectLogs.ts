import path from 'node:path';
import type { Clock } from '#base/clock.ts';
import type { Disposable } from '#base/disposables.ts';
import type { CoreOptions } from './coreOptions.ts';
import { WorkspaceLogs } from './workspaceLogs.ts';

export interface ProjectLogsContext {
  /** The folder of all projects' logs. */
  readonly folder: string;
  readonly clock: Clock;
  /** Under which the project's logs are kept. */
  readonly key: () => string;
  /** A command only reads what another process collects. */
  readonly role: 'reads' | 'collects';
  readonly logger: CoreOptions['logger'];
}

/** A project's logs, opened when first asked for; another name of the project has its own. */
export class ProjectLogs implements Disposable {
  readonly #context: ProjectLogsContext;
  #open: { readonly key: string; readonly logs: WorkspaceLogs } | undefined;

  constructor(context: ProjectLogsContext) {
    this.#context = context;
  }

  /** Those that have been opened. */
  get opened(): WorkspaceLogs | undefined {
    return this.#open?.logs;
  }

  open(): WorkspaceLogs {
    const key = this.#context.key();
    if (this.#open?.key !== key) {
      void this.#open?.logs.dispose();
      this.#open = { key, logs: this.#create(path.join(this.#context.folder, key)) };
    }
    return this.#open.logs;
  }

  #create(folder: string): WorkspaceLogs {
    const { clock, logger, role } = this.#context;
    const onLearnFailed = (thrown: unknown) =>
      logger.warn({ thrown }, 'what a good boot logs could not be learned');
    const onReadFailed = (thrown: unknown) =>
      logger.warn({ thrown }, 'what another process logs could not be read');
    return new WorkspaceLogs({ folder, clock, role, onLearnFailed, onReadFailed });
  }

  async dispose(): Promise<void> {
    await this.#open?.logs.dispose();
  }
}
