import { Ellipsis, Eraser, Navigation, Search, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { WorkspaceId } from '#contract/ids.ts';
import { visiblePanes } from '#state/dockLayout.ts';
import { useWindow, useWorkspaceView } from '#state/hooks.ts';
import { selectServices } from '#state/selectors.ts';
import { changeView } from '#state/viewStore.ts';
import type { WindowModel } from '#state/windowModel.ts';
import { IconButton, TextToggle } from '#ui/Button.tsx';
import { Menu, type MenuEntry } from '#ui/Menu.tsx';
import { toggled, toggledService } from './choices.ts';
import type { TimeShown } from './lineFormat.ts';
import { LOG_COMMANDS, NEXT_TIME } from './logCommands.ts';
import { isFiltering } from './logFilters.ts';
import type { LogPane } from './logPane.ts';

const TIME_WORDS: Readonly<Record<TimeShown, string>> = {
  absolute: 'time of day',
  boot: 'time since the last run',
  off: 'no time',
};

interface LogToolsProps {
  readonly workspace: WorkspaceId;
  readonly pane: LogPane;
}

/** What can be done with a log pane: search, go somewhere, follow, time, wrap, fields, clear, and the rest in a menu. */
export function LogTools({ workspace, pane }: LogToolsProps) {
  const { follow, time, wrap, filter, cleared, columns, context } = useStore(pane.state);
  const find = useStore(pane.finder.state);
  return (
    <>
      <IconButton
        icon={Search}
        label="Search in this pane"
        keys="mod+f"
        aria-pressed={find.open}
        onClick={() => (find.open ? pane.finder.close() : pane.finder.open())}
      />
      {isFiltering(find, filter) && (
        <TextToggle
          on={!context}
          data-tip={context ? 'Back to what the filter shows' : 'Shows every line again'}
          onClick={() => (context ? void pane.place.leaveContext() : pane.clearFilter())}
        >
          filtered
        </TextToggle>
      )}
      <Menu entries={goEntries(pane)} align="end">
        <IconButton icon={Navigation} label="Go to" />
      </Menu>
      <TextToggle on={follow} data-tip-keys="f" onClick={() => pane.setFollow(!follow)}>
        follow
      </TextToggle>
      <TextToggle
        data-wide
        on={time !== 'off'}
        data-tip={`Shows the ${TIME_WORDS[time]}`}
        data-tip-keys="m"
        onClick={() => pane.setTime(NEXT_TIME[time])}
      >
        {time === 'boot' ? 'since run' : 'time'}
      </TextToggle>
      <TextToggle data-wide on={wrap} data-tip-keys="w" onClick={() => pane.setWrap(!wrap)}>
        wrap
      </TextToggle>
      <FieldsMenu pane={pane} on={columns.length > 0} />
      {cleared ? (
        <IconButton
          icon={Undo2}
          label="Bring back what was cleared"
          keys="u"
          onClick={() => pane.undoClear()}
        />
      ) : (
        <IconButton icon={Eraser} label="Clear" keys="c" onClick={() => pane.clear()} />
      )}
      <MoreMenu workspace={workspace} pane={pane} />
    </>
  );
}

function goEntries(pane: LogPane): readonly MenuEntry[] {
  return LOG_COMMANDS.filter(({ goes }) => goes).map(
    ({ id, title, icon, keys, run }): MenuEntry => ({
      type: 'item',
      id,
      text: title,
      icon,
      keys,
      run: () => run(pane),
    }),
  );
}

/** Which fields of JSON and logfmt lines have columns. What there is to choose from is asked when it opens. */
function FieldsMenu({ pane, on }: { readonly pane: LogPane; readonly on: boolean }) {
  const [open, setOpen] = useState(false);
  return (
    <Menu open={open} onOpenChange={setOpen} entries={open ? fieldEntries(pane) : []} align="end">
      <TextToggle data-wide on={on} data-tip="Fields of JSON and logfmt lines as columns">
        fields
      </TextToggle>
    </Menu>
  );
}

function fieldEntries(pane: LogPane): readonly MenuEntry[] {
  const chosen = pane.state.getState().columns.map(({ name }) => name);
  const names = [...new Set([...chosen, ...pane.fieldNames()])];
  if (names.length === 0) return [{ type: 'label', id: 'none', text: 'No line here is JSON or logfmt' }];
  return [
    { type: 'item', id: ' none', text: 'lines as they are', run: () => pane.setColumns([]) },
    { type: 'line', id: ' line' },
    ...names.map(
      (name): MenuEntry => ({
        type: 'item',
        id: name,
        text: name,
        checked: chosen.includes(name),
        run: () => pane.setColumns(toggled(chosen, name)),
      }),
    ),
  ];
}

function MoreMenu({ workspace, pane }: LogToolsProps) {
  const model = useWindow();
  const [open, setOpen] = useState(false);
  const ownClocks = useWorkspaceView(workspace, (view) => view.ownClocks === true);
  const beside = useWorkspaceView(workspace, (view) => visiblePanes(view.dock).size > 1);
  const clock: readonly MenuEntry[] = [
    {
      type: 'item',
      id: ' clock',
      text: 'Panes beside each other go to the same time',
      checked: !ownClocks,
      run: () => changeView(model.view, workspace, { ownClocks: !ownClocks }),
    },
    { type: 'line', id: ' clock-line' },
  ];
  const entries = () => [
    ...(beside ? clock : []),
    ...moreEntries(pane),
    ...serviceEntries(model, workspace, pane),
  ];
  return (
    <Menu open={open} onOpenChange={setOpen} entries={open ? entries() : []} align="end">
      <IconButton icon={Ellipsis} label="More for this pane" />
    </Menu>
  );
}

function moreEntries(pane: LogPane): readonly MenuEntry[] {
  const item = (id: string, text: string, keys: string, run: () => void): MenuEntry => ({
    type: 'item',
    id,
    text,
    keys,
    run,
  });
  return [
    item(' time', 'Times: of the day, since the last run, none', 'm', () =>
      pane.setTime(NEXT_TIME[pane.state.getState().time]),
    ),
    item(' wrap', 'Wrap long lines, or do not', 'w', () => pane.setWrap(!pane.state.getState().wrap)),
    { type: 'line', id: ' look-line' },
    item(' larger', 'Larger text', '=', () => pane.changeFont(1)),
    item(' smaller', 'Smaller text', '-', () => pane.changeFont(-1)),
    item(' usual', 'Usual text', '0', () => pane.changeFont(0)),
    { type: 'line', id: ' font-line' },
    item(' text', 'Export as text', 'x', () => pane.question.export('text')),
    item(' json', 'Export as JSON lines', 'shift+x', () => pane.question.export('jsonLines')),
    { type: 'line', id: ' export-line' },
  ];
}

/** Which services' lines are merged here. */
function serviceEntries(model: WindowModel, workspace: WorkspaceId, pane: LogPane): readonly MenuEntry[] {
  const names = selectServices(model.server.getState(), workspace).map(({ name }) => name);
  return [
    { type: 'label', id: ' services', text: 'Services' },
    {
      type: 'item',
      id: ' all',
      text: 'all',
      checked: pane.services.length === 0,
      run: () => pane.setServices([]),
    },
    ...names.map(
      (name): MenuEntry => ({
        type: 'item',
        id: name,
        text: name,
        checked: pane.services.length === 0 || pane.services.includes(name),
        run: () => pane.setServices(toggledService(names, pane.services, name)),
      }),
    ),
  ];
}
