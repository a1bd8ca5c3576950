import type { TerminalSessions } from '#streams/terminals/terminalSessions.ts';
import type { CoreOptions } from './coreOptions.ts';
import type { EngineLink } from './engineLink.ts';
import type { Gateway } from './gateway/gateway.ts';
import type { Tickets } from './logs/tickets.ts';
import type { Settings } from './settings.ts';
import type { StateFeed } from './stateFeed.ts';
import type { Workspaces } from './workspaces.ts';

/** What the handlers share, made once by createCore. */
export interface CoreParts {
  readonly options: CoreOptions;
  readonly feed: StateFeed;
  readonly link: EngineLink;
  readonly settings: Settings;
  readonly workspaces: Workspaces;
  readonly terminals: TerminalSessions;
  readonly tickets: Tickets;
  readonly gateway: Gateway;
  /** Puts the settings into the feed after a change. */
  publishSettings(): Promise<void>;
}
