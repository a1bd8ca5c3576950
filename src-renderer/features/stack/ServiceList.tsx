import { type Range, useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { SearchX } from 'lucide-react';
import {
  type KeyboardEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { ServiceName, WorkspaceId } from '#contract/ids.ts';
import { useServer, useServerShallow, useWindow, useWorkspace, useWorkspaceView } from '#state/hooks.ts';
import { selectService, selectServices } from '#state/selectors.ts';
import { changeView } from '#state/viewStore.ts';
import type { WindowModel } from '#state/windowModel.ts';
import { Button } from '#ui/Button.tsx';
import { cx } from '#ui/cx.ts';
import { EmptyState } from '#ui/EmptyState.tsx';
import { Cell, Grid, GridRow } from '#ui/Grid.tsx';
import { drawnRows } from './drawnRows.ts';
import { nextSelection } from './listKeys.ts';
import { runKey } from './rowMenu.ts';
import { type ListRow, listRows, sameRows } from './rows.ts';
import { ServiceRow } from './ServiceRow.tsx';

const ROW_PX = 36;
const CARD_PX = 210;
/** Of the window's height that the list has beside the panes, more or less. */
const SCREEN_SHARE = 0.6;

/** The services as rows: only those on screen exist, however many there are. */
export function ServiceList({ workspace }: { readonly workspace: WorkspaceId }) {
  const model = useWindow();
  const rows = useRows(workspace);
  const away = useWorkspace(workspace)?.live === false;
  const scroller = useRef<HTMLDivElement>(null);
  const { selected, chosen } = useSelected(workspace, rows);
  const index = rows.findIndex((row) => row.type === 'service' && row.name === selected);
  const virtual = useRowVirtualizer({ workspace, rows, index }, scroller);
  const [menu, setMenu] = useState<ServiceName>();
  useVisibleStats(workspace, virtual, rows);
  const reveals = useWorkspaceView(workspace, (view) => view.reveals ?? 0);
  useFollowSelection(virtual, { selected, reveals, index }, scroller);
  if (rows.length === 0) return <NothingFound workspace={workspace} />;
  return (
    <Grid
      ref={scroller}
      label="Services"
      rows={rows.length}
      className={cx('services', away && 'away')}
      style={{ '--name-column': nameColumn(rows) } as React.CSSProperties}
      onKeyDown={(event) => onListKey({ model, workspace, rows, selected, openMenu: setMenu }, event)}
    >
      <div className="services-all" role="presentation" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          const isService = row.type === 'service';
          const here = isService && row.name === selected;
          return (
            <GridRow
              key={row.id}
              ref={virtual.measureElement}
              data-index={item.index}
              data-service={isService ? row.name : undefined}
              index={item.index}
              current={here}
              className="services-item"
              style={{ transform: `translateY(${item.start}px)` }}
              onClick={() => isService && changeView(model.view, workspace, { selected: row.name })}
              onDoubleClick={({ target }) => {
                if (isService && !isIn(target, OWN_CLICKS)) runNamed(model, workspace, row.name, 'enter');
              }}
              onContextMenu={(event) => {
                if (!isService) return;
                event.preventDefault();
                setMenu(row.name);
              }}
            >
              {isService ? (
                <ServiceRow
                  workspace={workspace}
                  name={row.name}
                  selected={row.name === chosen}
                  menuOpen={menu === row.name}
                  onMenu={setMenu}
                />
              ) : (
                <Cell className="service-group">
                  {row.title} <span className="faint">{row.count}</span>
                </Cell>
              )}
            </GridRow>
          );
        })}
      </div>
    </Grid>
  );
}

function NothingFound({ workspace }: { readonly workspace: WorkspaceId }) {
  const model = useWindow();
  const filter = useWorkspaceView(workspace, (view) => view.filter);
  return (
    <EmptyState
      icon={SearchX}
      title="No service matches"
      actions={<Button onClick={() => changeView(model.view, workspace, { filter: '' })}>Show all</Button>}
    >
      Nothing has “{filter}” in its name, its image or its state.
    </EmptyState>
  );
}

/** The lines keep their identity while only what the services do changes. */
function useRows(workspace: WorkspaceId): readonly ListRow[] {
  const filter = useWorkspaceView(workspace, (view) => view.filter);
  const group = useWorkspaceView(workspace, (view) => view.group);
  const last = useRef<readonly ListRow[]>([]);
  const select = useMemo(() => {
    return (services: Parameters<typeof listRows>[0]) => {
      const rows = listRows(services, { filter, group });
      if (!sameRows(last.current, rows)) last.current = rows;
      return last.current;
    };
  }, [filter, group]);
  return useServer((state) => select(selectServices(state, workspace)));
}

/** The row where keys go. The first one is it, without looking so, until somebody selects another. */
function useSelected(workspace: WorkspaceId, rows: readonly ListRow[]) {
  const wanted = useWorkspaceView(workspace, (view) => view.selected);
  const names = rows.flatMap((row) => (row.type === 'service' ? [row.name] : []));
  const chosen = names.find((name) => name === wanted);
  return { selected: chosen ?? names[0], chosen };
}

type RowVirtualizer = Virtualizer<HTMLDivElement, Element>;

interface ListedRows {
  readonly workspace: WorkspaceId;
  readonly rows: readonly ListRow[];
  /** The row where keys go. */
  readonly index: number;
}

function useRowVirtualizer(
  { workspace, rows, index: selected }: ListedRows,
  scroller: React.RefObject<HTMLDivElement | null>,
): RowVirtualizer {
  const { server } = useWindow();
  const failing = useServerShallow((state) =>
    selectServices(state, workspace).flatMap((service) => (service.failure ? [service.name] : [])),
  );
  return useVirtualizer<HTMLDivElement, Element>({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => {
      const row = rows[index];
      if (row?.type !== 'service') return 32;
      return failing.includes(row.name) && selectService(server.getState(), workspace, row.name)?.failure
        ? ROW_PX + CARD_PX
        : ROW_PX;
    },
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 6,
    rangeExtractor: useCallback((range: Range) => drawnRows(range, selected), [selected]),
    // Before the list has been measured: rows drawn in the first place come with the screen, and are not drawn behind it in one go.
    initialRect: { width: window.innerWidth, height: window.innerHeight * SCREEN_SHARE },
  });
}

/** Asks for the figures of the rows on screen; of none while the window is hidden. */
function useVisibleStats(workspace: WorkspaceId, virtual: RowVirtualizer, rows: readonly ListRow[]): void {
  const { stats } = useWindow();
  const names = virtual.getVirtualItems().flatMap((item) => {
    const row = rows[item.index];
    return row?.type === 'service' ? [row.name] : [];
  });
  const wanted = useServer((state) =>
    names
      .filter((name) =>
        selectService(state, workspace, name)?.replicas.some((entry) => entry.state === 'running'),
      )
      .join('\n'),
  );
  useEffect(() => {
    const ask = () => stats.want(workspace, document.hidden || wanted === '' ? [] : wanted.split('\n'));
    ask();
    document.addEventListener('visibilitychange', ask);
    return () => document.removeEventListener('visibilitychange', ask);
  }, [stats, workspace, wanted]);
  useEffect(() => () => stats.want(undefined, []), [stats]);
}

interface Followed {
  readonly selected: ServiceName | undefined;
  readonly reveals: number;
  /** Its row. */
  readonly index: number;
}

/** The selected row is on screen, and has the focus when the list has it; who clicked into the output of a failure reads on there. */
function useFollowSelection(
  virtual: RowVirtualizer,
  { selected, reveals, index }: Followed,
  scroller: React.RefObject<HTMLDivElement | null>,
): void {
  const reveal = useCallback(() => {
    if (index >= 0) virtual.scrollToIndex(index, { align: 'auto' });
  }, [virtual, index]);
  const last = useRef<string>(undefined);
  // Asked before the page is drawn anew: the row that has the focus may go when another one is selected.
  const focused = document.activeElement;
  const hasFocus = scroller.current?.contains(focused) === true && !isIn(focused, OWN_KEYS);
  useLayoutEffect(() => {
    const wanted = `${reveals} ${selected}`;
    if (last.current === wanted) return;
    last.current = wanted;
    reveal();
    if (!hasFocus) return;
    requestAnimationFrame(() => {
      const row = scroller.current?.querySelector(`[data-index="${index}"]`);
      if (row instanceof HTMLElement) row.focus({ preventScroll: true });
    });
  }, [selected, reveals, index, reveal, scroller, hasFocus]);
}

interface ListKeyContext {
  readonly model: WindowModel;
  readonly workspace: WorkspaceId;
  readonly rows: readonly ListRow[];
  readonly selected: ServiceName | undefined;
  readonly openMenu: (name: ServiceName | undefined) => void;
}

function onListKey(context: ListKeyContext, event: KeyboardEvent): void {
  const { model, workspace, rows, selected, openMenu } = context;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isIn(event.target, OWN_KEYS)) return;
  const inControl = isIn(event.target, 'button, a, input, [role="menu"]');
  const next = nextSelection(rows, selected, event.key);
  if (next !== undefined && !(inControl && event.key === 'Home')) {
    event.preventDefault();
    changeView(model.view, workspace, { selected: next });
    return;
  }
  // A key that is held moves the selection, and does nothing to a service over and over.
  if (inControl || selected === undefined || event.repeat) return;
  if (event.key === 'ContextMenu' || event.key === 'm') openMenu(selected);
  else if (!runNamed(model, workspace, selected, event.key.toLowerCase())) return;
  event.preventDefault();
}

/** Output of a failure scrolls with the keys that move the selection. */
const OWN_KEYS = 'pre';
/** A double click there chooses a word of what is written, or presses twice. */
const OWN_CLICKS = '.failure, button, a';

function isIn(target: EventTarget | null, selector: string): boolean {
  return target instanceof Element && target.closest(selector) !== null;
}

function runNamed(model: WindowModel, workspace: WorkspaceId, name: ServiceName, key: string): boolean {
  const service = selectService(model.server.getState(), workspace, name);
  return service !== undefined && runKey(model, service, key);
}

const NAME_PX_PER_LETTER = 7.4;

/** As wide as the longest name needs, within reason: names are what one looks for. */
function nameColumn(rows: readonly ListRow[]): string {
  const longest = Math.max(0, ...rows.map((row) => (row.type === 'service' ? row.name.length : 0)));
  return `${Math.round(Math.min(240, Math.max(112, longest * NAME_PX_PER_LETTER)))}px`;
}
