import type { Page } from '@playwright/test';

/** A running Slipway, in either shape, with its window open. */
export interface Host {
  readonly target: 'web' | 'electron';
  readonly page: Page;
  /** Opens a project as the host's own means do it, and waits until the core has it. */
  openProject(folder: string): Promise<void>;
  /** Loads the page again, and waits until it is drawn. */
  reload(): Promise<void>;
  /** What the process that holds the core wrote to standard error. */
  readonly errorLog: () => string;
  /** The process that holds the core. */
  readonly pid: number;
  /** Ends the window and the core, and waits until the process is gone. */
  close(): Promise<void>;
}
