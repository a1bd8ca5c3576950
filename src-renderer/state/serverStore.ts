import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Disposable } from '#base/disposables.ts';
import { Disposables } from '#base/disposables.ts';
import type { Connection, ConnectionStatus } from '#client/connection.ts';
import type { RecordKey, StateRecord } from '#contract/model.ts';

/** What the core told, as it told it. Records that did not change keep their identity from update to update. */
export interface ServerState {
  /** Nothing has come yet: the window shows that it is loading, never an empty list. */
  readonly loaded: boolean;
  readonly records: ReadonlyMap<RecordKey, StateRecord>;
  readonly connection: ConnectionStatus;
}

export type ServerStore = StoreApi<ServerState>;

/** Follows the state feed for as long as it is not disposed of. */
export function createServerStore(connection: Connection): { store: ServerStore } & Disposable {
  const store = createStore<ServerState>(() => ({
    loaded: false,
    records: new Map(),
    connection: connection.status,
  }));
  const disposables = new Disposables();
  disposables.add(connection.onStatus((status) => store.setState({ connection: status })));
  disposables.add(connection.watchState((state) => store.setState({ loaded: true, records: state.records })));
  return { store, dispose: () => disposables.dispose() };
}
