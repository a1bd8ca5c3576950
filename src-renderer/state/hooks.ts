import { createContext, useCallback, useContext, useRef, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { RunId, ServiceName, WorkspaceId } from '#contract/ids.ts';
import type { ServiceRecord, WorkspaceRecord } from '#contract/model.ts';
import type { RunRecord } from '#contract/runModel.ts';
import { selectCurrent } from './selectCurrent.ts';
import { selectEngine, selectRun, selectService, selectWorkspace } from './selectors.ts';
import type { ServerState } from './serverStore.ts';
import type { Measured, ServiceFigures } from './statsBook.ts';
import type { Ticker } from './ticker.ts';
import { type ViewState, viewOf, type WorkspaceView } from './viewStore.ts';
import type { WindowModel } from './windowModel.ts';

export const WindowContext = createContext<WindowModel | undefined>(undefined);

/** The window's model: what to call, never what to draw. */
export function useWindow(): WindowModel {
  const model = useContext(WindowContext);
  if (!model) throw new Error('This component is not inside a window.');
  return model;
}

/** Draws again when the selected part of the core's state changes identity. */
export function useServer<T>(selector: (state: ServerState) => T): T {
  return useStore(useWindow().server, selector);
}

/** As `useServer`, for selectors that make a new array or object of old parts. */
export function useServerShallow<T>(selector: (state: ServerState) => T): T {
  return useStore(useWindow().server, useShallow(selector));
}

export function useView<T>(selector: (state: ViewState) => T): T {
  return useStore(useWindow().view, selector);
}

export function useWorkspaceView<T>(workspace: WorkspaceId, selector: (view: WorkspaceView) => T): T {
  return useView((state) => selector(viewOf(state, workspace)));
}

export function useWorkspace(id: WorkspaceId): WorkspaceRecord | undefined {
  return useServer((state) => selectWorkspace(state, id));
}

export function useService(workspace: WorkspaceId, name: ServiceName): ServiceRecord | undefined {
  return useServer((state) => selectService(state, workspace, name));
}

export function useRun(workspace: WorkspaceId, run: RunId | undefined): RunRecord | undefined {
  return useServer((state) => selectRun(state, workspace, run));
}

/** Whether a run is at work that makes no room for another. */
export function useIsBusy(workspace: WorkspaceId): boolean {
  return useServer((state) => {
    const id = selectWorkspace(state, workspace)?.activeRun;
    return id !== undefined && !selectRun(state, workspace, id)?.onlyWaits;
  });
}

/** The project in front: the one last looked at, or the first that is open. */
export function useCurrentWorkspace(): WorkspaceId | undefined {
  const wanted = useView((state) => state.workspace);
  return useServer((state) => selectCurrent(state, { workspace: wanted }));
}

/** Words that depend on the time. Draws again only in the seconds in which they change. */
export function useTimed(words: (now: number) => string): string {
  const { ticker } = useWindow();
  return useTicking(ticker, () => words(ticker.now()));
}

/** The same for what the engine tells: while it is away nothing is known to go on, and the time stands still. */
export function useKnown(words: (now: number) => string): string {
  const status = useServer(selectEngine);
  const until = status?.type === 'unreachable' ? status.since : Number.POSITIVE_INFINITY;
  return useTimed((now) => words(Math.min(now, until)));
}

/** The time in milliseconds, for what moves with it as a whole. `fast`: five times a second. */
export function useNow(pace: 'slow' | 'fast' = 'slow'): number {
  const model = useWindow();
  const ticker = pace === 'fast' ? model.fastTicker : model.ticker;
  return useTicking(ticker, ticker.now);
}

/**
 * What is read off the milliseconds from one time to another or, while there is none, to now. Looks several times a second, and
 * draws again when what was read has changed.
 */
export function useElapsed<T extends string | number>(
  { startedAt, endedAt }: { readonly startedAt: number; readonly endedAt?: number | undefined },
  read: (ms: number) => T,
): T {
  const { ticker, fastTicker } = useWindow();
  const ticking = endedAt === undefined ? fastTicker : ticker;
  return useTicking(ticking, () => read(Math.max(0, (endedAt ?? ticking.now()) - startedAt)));
}

/** Tells the ticker when what is read off it changes, so that it rests only where nothing does. */
function useTicking<T extends string | number>(ticker: Ticker, read: () => T): T {
  const before = useRef<T>(undefined);
  return useSyncExternalStore(ticker.subscribe, () => {
    const value = read();
    if (before.current !== undefined && before.current !== value) ticker.moved();
    before.current = value;
    return value;
  });
}

/** Bytes in use by all of these services together, while figures of them flow; undefined until the first is there. */
export function useAllFigures(services: readonly Measured[]): number | undefined {
  const { stats } = useWindow();
  const key = services.map(({ name }) => name).join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the names are what matters, not their array.
  const subscribe = useCallback(
    (listener: () => void) => {
      const ends = services.map(({ name }) => stats.subscribe(name, listener));
      return () => ends.forEach((end) => void end());
    },
    [stats, key],
  );
  const sum = () => {
    const known = services.flatMap((service) => stats.figures(service)?.memoryBytes ?? []);
    return known.length === 0 ? undefined : known.reduce((all, bytes) => all + bytes, 0);
  };
  return useSyncExternalStore(subscribe, sum);
}

/** Live figures of a service, while its row is on screen and a replica of it runs. */
export function useFigures(service: Measured): ServiceFigures | undefined {
  const { name } = service;
  const { stats } = useWindow();
  const subscribe = useCallback((listener: () => void) => stats.subscribe(name, listener), [stats, name]);
  return useSyncExternalStore(subscribe, () => stats.figures(service));
}
