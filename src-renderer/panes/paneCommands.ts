import { ALargeSmall } from 'lucide-react';
import type { WorkspaceId } from '#contract/ids.ts';
import { allTabs } from '#state/dockLayout.ts';
import type { Command, CommandSource } from '#state/registry.ts';
import { viewOf } from '#state/viewStore.ts';
import type { WindowModel } from '#state/windowModel.ts';
import { LOG_COMMANDS } from './logCommands.ts';
import type { LogPane } from './logPane.ts';
import { changeFont } from './paneFont.ts';
import { paneHostOf } from './paneHost.ts';

/** The log pane that is in front where the focus is, or was last. */
export function focusedLogPane(model: WindowModel, workspace: WorkspaceId): LogPane | undefined {
  const { dock, dockOpen } = viewOf(model.view.getState(), workspace);
  const tabs = allTabs(dock.root).find((entry) => entry.id === dock.focused);
  const spec = tabs?.panes.find((entry) => entry.id === tabs.active);
  if (!dockOpen || spec === undefined || spec.type !== 'logs') return undefined;
  const live = paneHostOf(model).pane(workspace, spec);
  return live.type === 'logs' ? live.pane : undefined;
}

/** What can be done with panes, for the palette. */
export const paneCommands: CommandSource = (model, workspace) => {
  const pane = workspace === undefined ? undefined : focusedLogPane(model, workspace);
  const group = 'Log pane';
  const own = LOG_COMMANDS.map(
    ({ id, title, icon, keys, words, goes, run }): Command => ({
      id: `log:${id}`,
      title: goes ? `Go to: ${lowered(title)}` : title,
      group,
      icon,
      keys,
      words: `log pane ${words ?? ''}`,
      run: () => pane && run(pane),
    }),
  );
  return [...(pane === undefined ? [] : own), ...fontCommands(model)];
};

function fontCommands(model: WindowModel): readonly Command[] {
  const sizes = [
    ['larger', 'Larger text in panes', 1],
    ['smaller', 'Smaller text in panes', -1],
    ['usual', 'Usual text in panes', 0],
  ] as const;
  return sizes.map(([id, title, by]) => ({
    id: `font:${id}`,
    title,
    group: 'Settings',
    icon: ALargeSmall,
    words: 'font size zoom',
    run: () => changeFont(model.view, by),
  }));
}

function lowered(title: string): string {
  return title.charAt(0).toLowerCase() + title.slice(1);
}
