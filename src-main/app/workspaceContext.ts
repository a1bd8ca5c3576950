import type { BootHistory } from '#run/history.ts';
import type { ContainersWatch } from './containersWatch.ts';
import type { CoreOptions } from './coreOptions.ts';
import type { EngineLink } from './engineLink.ts';
import type { StateFeed } from './stateFeed.ts';

/** What the open projects share. */
export interface WorkspaceContext {
  readonly options: CoreOptions;
  readonly feed: StateFeed;
  readonly link: EngineLink;
  readonly watch: ContainersWatch;
  readonly history: BootHistory;
}
