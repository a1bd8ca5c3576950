import type { Disposable } from '#base/disposables.ts';
import { Disposables } from '#base/disposables.ts';
import type { Client, Connection } from '#client/connection.ts';
import type { Bridge } from '#contract/bridge.ts';
import { Notices } from './notices.ts';
import { closeWithProject } from './projectDialogs.ts';
import type { Registry } from './registry.ts';
import { reopenProjects } from './reopenProjects.ts';
import { createServerStore, type ServerStore } from './serverStore.ts';
import { StatsBook } from './statsBook.ts';
import { createTicker, type Ticker } from './ticker.ts';
import { createViewStore, type ViewStore } from './viewStore.ts';

/** Everything a component can reach. One per window; nothing of it is global. */
export interface WindowModel extends Disposable {
  readonly connection: Connection;
  readonly client: Client;
  readonly server: ServerStore;
  readonly view: ViewStore;
  readonly stats: StatsBook;
  /** For ages and words. */
  readonly ticker: Ticker;
  /** For what one watches while it grows. */
  readonly fastTicker: Ticker;
  readonly notices: Notices;
  /** What is being asked for, by name: pressed twice, it is asked once. */
  readonly underWay: Set<string>;
  /** What the desktop app can do that a browser cannot. */
  readonly bridge: Bridge | undefined;
  readonly registry: Registry;
}

const AGES_MS = 1000;
/** Minutes may turn this much late. */
const RESTING_AGES_MS = 5_000;
const PROGRESS_MS = 200;

export interface WindowOptions {
  readonly connection: Connection;
  readonly registry: Registry;
  readonly bridge?: Bridge | undefined;
  readonly storage?: Storage | undefined;
  readonly now?: () => number;
}

export function createWindowModel(options: WindowOptions): WindowModel {
  const { connection, registry, bridge } = options;
  const disposables = new Disposables();
  const server = disposables.add(createServerStore(connection)).store;
  const stats = disposables.add(new StatsBook(connection.client));
  const view = createViewStore(options.storage);
  const notices = new Notices();
  disposables.add(closeWithProject({ server, view, registry }));
  disposables.add(reopenProjects({ connection, client: connection.client, notices, view }));
  return {
    connection,
    client: connection.client,
    server,
    view,
    stats,
    ticker: createTicker({ everyMs: AGES_MS, restMs: RESTING_AGES_MS, now: options.now }),
    fastTicker: createTicker({ everyMs: PROGRESS_MS, now: options.now }),
    notices,
    underWay: new Set(),
    bridge,
    registry,
    dispose: () => disposables.dispose(),
  };
}
