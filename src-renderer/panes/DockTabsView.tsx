import { ChevronDown, Plus, SplitSquareHorizontal, SplitSquareVertical, X } from 'lucide-react';
import { type DragEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { WorkspaceId } from '#contract/ids.ts';
import { hidePane, showPane } from '#state/actions.ts';
import {
  activatePane,
  type DockLayout,
  type DockTabs,
  movePane,
  type PaneSpec,
  splitPane,
} from '#state/dockLayout.ts';
import { useWindow, useWorkspaceView } from '#state/hooks.ts';
import { selectServices } from '#state/selectors.ts';
import { changeView } from '#state/viewStore.ts';
import type { WindowModel } from '#state/windowModel.ts';
import { IconButton } from '#ui/Button.tsx';
import { cx } from '#ui/cx.ts';
import { Menu, type MenuEntry } from '#ui/Menu.tsx';
import { focusDock } from './dockFocus.ts';
import { LogTools } from './LogTools.tsx';
import { PaneSlot } from './PaneSlot.tsx';
import { paneHostOf } from './paneHost.ts';

interface DockTabsViewProps {
  readonly workspace: WorkspaceId;
  readonly tabs: DockTabs;
}

const TERMINAL_WORDS = { shell: 'Shell', client: 'Client', attach: 'Process 1' } as const;

/** "Logs · api", "Shell · postgres". */
export function paneTitle(spec: PaneSpec): string {
  if (spec.type === 'terminal') return `${TERMINAL_WORDS[spec.kind]} · ${spec.service}`;
  if (spec.services.length === 0) return 'Logs · all';
  const when = spec.span?.untilMs ? ' · before' : spec.span?.sinceMs ? ' · after' : '';
  return `Logs · ${spec.services.slice(0, 3).join(', ')}${spec.services.length > 3 ? ' …' : ''}${when}`;
}

/** One strip of tabs and the pane in front. */
export function DockTabsView({ workspace, tabs }: DockTabsViewProps) {
  const model = useWindow();
  const focused = useWorkspaceView(workspace, (view) => view.dock.focused === tabs.id);
  const active = tabs.panes.find((spec) => spec.id === tabs.active);
  const live = active && paneHostOf(model).pane(workspace, active);
  const change = (next: (dock: DockLayout) => DockLayout) =>
    changeView(model.view, workspace, (view) => ({ dock: next(view.dock) }));
  return (
    <section
      className={cx('dock', focused && 'focused')}
      aria-label={active ? paneTitle(active) : 'Panes'}
      onFocus={() => active && !focused && change((dock) => activatePane(dock, active.id))}
    >
      <div className="dock-tabs">
        <div className="dock-strip" role="tablist" aria-label="Panes" onDragOver={allowDrop}>
          {tabs.panes.map((spec, index) => (
            <Tab
              key={spec.id}
              workspace={workspace}
              tabs={tabs}
              spec={spec}
              onDropBefore={(pane) => change((dock) => movePane(dock, { pane, to: tabs.id, index }))}
              onShow={() => change((dock) => activatePane(dock, spec.id))}
            />
          ))}
        </div>
        <NewPaneButton workspace={workspace} tabs={tabs} />
        <div className="dock-tools">
          {live?.type === 'logs' && <LogTools key={active?.id} workspace={workspace} pane={live.pane} />}
          {active && tabs.panes.length > 1 && (
            <>
              <IconButton
                icon={SplitSquareHorizontal}
                label="Split to the right"
                onClick={() => change((dock) => splitPane(dock, active.id, 'row'))}
              />
              <IconButton
                icon={SplitSquareVertical}
                label="Split below"
                onClick={() => change((dock) => splitPane(dock, active.id, 'column'))}
              />
            </>
          )}
          <IconButton
            icon={ChevronDown}
            label="Hide the panes"
            keys="mod+j"
            onClick={() => changeView(model.view, workspace, { dockOpen: false })}
          />
        </div>
      </div>
      <div
        className="dock-body"
        id={`panel-${tabs.id}`}
        role="tabpanel"
        aria-label={active && paneTitle(active)}
      >
        {live && <PaneSlot key={active?.id} live={live} />}
        {!live && <div className="dock-empty">No pane is open. Logs and shells of services open here.</div>}
      </div>
    </section>
  );
}

const DRAG_TYPE = 'application/x-slipway-pane';

function allowDrop(event: DragEvent): void {
  if (event.dataTransfer.types.includes(DRAG_TYPE)) event.preventDefault();
}

interface TabProps extends DockTabsViewProps {
  readonly spec: PaneSpec;
  readonly onShow: () => void;
  readonly onDropBefore: (pane: string) => void;
}

function Tab({ workspace, tabs, spec, onShow, onDropBefore }: TabProps) {
  const model = useWindow();
  const active = tabs.active === spec.id;
  const close = () => {
    hidePane(model, workspace, spec.id);
    focusDock();
  };
  const own = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) own.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [active]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dragging and the middle button are extras; the tab inside has the role.
    <div
      ref={own}
      role="presentation"
      className={cx('dock-tab', active && 'active')}
      draggable
      onDragStart={(event) => event.dataTransfer.setData(DRAG_TYPE, spec.id)}
      onDragOver={allowDrop}
      onDrop={(event) => {
        const pane = event.dataTransfer.getData(DRAG_TYPE);
        if (pane) onDropBefore(pane);
      }}
      onAuxClick={(event) => event.button === 1 && close()}
    >
      <button
        type="button"
        role="tab"
        aria-selected={active}
        aria-controls={`panel-${tabs.id}`}
        aria-keyshortcuts="Delete"
        tabIndex={active ? 0 : -1}
        onClick={onShow}
        onKeyDown={(event) => onTabKey(event, close)}
      >
        {paneTitle(spec)}
      </button>
      {/* Only for the pointer: in a list of tabs there are tabs, and Delete closes one. */}
      <IconButton
        icon={X}
        label={`Close ${paneTitle(spec)}`}
        keys="delete"
        aria-hidden
        tabIndex={-1}
        onClick={close}
      />
    </div>
  );
}

/** Arrows walk the tabs, Delete closes one. */
function onTabKey(event: KeyboardEvent<HTMLButtonElement>, close: () => void): void {
  const strip = [
    ...(event.currentTarget.closest('[role="tablist"]')?.querySelectorAll('[role="tab"]') ?? []),
  ];
  const at = strip.indexOf(event.currentTarget);
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
  const next = strip[(at + step + strip.length) % strip.length];
  if (step !== 0 && next instanceof HTMLElement) {
    next.focus();
    next.click();
  } else if (event.key === 'Delete') close();
  else return;
  event.preventDefault();
}

function NewPaneButton({ workspace, tabs }: DockTabsViewProps) {
  const model = useWindow();
  const [open, setOpen] = useState(false);
  return (
    <Menu open={open} onOpenChange={setOpen} entries={open ? newPaneEntries(model, workspace, tabs) : []}>
      <IconButton icon={Plus} label="New pane" style={{ alignSelf: 'center' }} />
    </Menu>
  );
}

function newPaneEntries(model: WindowModel, workspace: WorkspaceId, tabs: DockTabs): readonly MenuEntry[] {
  const services = selectServices(model.server.getState(), workspace);
  const focus = () =>
    changeView(model.view, workspace, (view) => ({ dock: { ...view.dock, focused: tabs.id } }));
  const logs = (names: readonly string[]) => () => {
    focus();
    showPane(model, workspace, { type: 'logs', services: names });
  };
  const shell = (service: string) => () => {
    focus();
    showPane(model, workspace, { type: 'terminal', service, kind: 'shell' });
  };
  const running = services.filter((entry) => entry.replicas.some(({ state }) => state === 'running'));
  return [
    { type: 'label', id: 'logs', text: 'Logs' },
    { type: 'item', id: 'logs:', text: 'all', run: logs([]) },
    ...services.map(
      ({ name }): MenuEntry => ({ type: 'item', id: `logs:${name}`, text: name, run: logs([name]) }),
    ),
    ...(running.length > 0 ? [{ type: 'label', id: 'shells', text: 'Shell' } as const] : []),
    ...running.map(
      ({ name }): MenuEntry => ({ type: 'item', id: `shell:${name}`, text: name, run: shell(name) }),
    ),
  ];
}
