import {
  CircleX,
  Download,
  FileCode,
  FolderOpen,
  Hammer,
  House,
  Monitor,
  Moon,
  PanelBottom,
  Play,
  RefreshCw,
  RotateCw,
  ScrollText,
  Square,
  Sun,
  Trash2,
} from 'lucide-react';
import type { WorkspaceId } from '#contract/ids.ts';
import {
  attempt,
  boot,
  cancel,
  openFolder,
  pickFolder,
  restart,
  showPane,
  showScreen,
  stop,
} from '#state/actions.ts';
import { confirmed, withConsent } from '#state/consent.ts';
import type { Command, CommandSource } from '#state/registry.ts';
import { selectRun, selectSettings, selectWorkspace, selectWorkspaces } from '#state/selectors.ts';
import { isActive } from '#state/summary.ts';
import { changeView } from '#state/viewStore.ts';
import type { WindowModel } from '#state/windowModel.ts';

/** What every feature offers now. */
export function allCommands(model: WindowModel, workspace: WorkspaceId | undefined): readonly Command[] {
  return model.registry.commands.flatMap((source) => source(model, workspace));
}

/** The commands of the frame itself: the stack, the screens, the projects, the theme. */
export const shellCommands: CommandSource = (model, workspace) => [
  ...(workspace ? stackCommands(model, workspace) : []),
  ...(workspace ? screenCommands(model, workspace) : []),
  ...projectCommands(model, workspace),
  ...themeCommands(model),
];

function stackCommands(model: WindowModel, workspace: WorkspaceId): readonly Command[] {
  const group = 'Stack';
  const { stack } = model.client;
  const state = model.server.getState();
  const record = selectWorkspace(state, workspace);
  const run = selectRun(state, workspace, record?.activeRun);
  if (run && isActive(run)) {
    const title = `Cancel: ${run.title}`;
    return [{ id: 'cancel', title, group, icon: CircleX, run: () => cancel(model, workspace, run.id) }];
  }
  if (record?.project.type !== 'loaded') return [];
  return [
    {
      id: 'boot',
      title: 'Boot',
      group,
      icon: Play,
      keys: 'mod+enter',
      words: 'up start all',
      run: () => boot(model, workspace),
    },
    { id: 'stop', title: 'Stop', group, icon: Square, run: () => stop(model, workspace) },
    {
      id: 'restart',
      title: 'Restart everything',
      group,
      icon: RotateCw,
      run: () => restart(model, workspace),
    },
    {
      id: 'rebuild',
      title: 'Build and boot',
      group,
      icon: Hammer,
      run: () => void attempt(model, 'Boot', stack.boot({ workspace, build: true })),
    },
    {
      id: 'pull',
      title: 'Pull all images',
      group,
      icon: Download,
      run: () => void attempt(model, 'Pull', stack.pull({ workspace })),
    },
    {
      id: 'down',
      title: 'Remove containers and networks',
      group,
      icon: Trash2,
      words: 'down',
      run: () => void attempt(model, 'Down', stack.down({ workspace })),
    },
    {
      id: 'down-volumes',
      title: 'Remove containers, networks and volumes…',
      group,
      icon: Trash2,
      words: 'down data',
      run: () =>
        confirmed(model, {
          title: 'Remove containers, networks and volumes?',
          body: 'The data of this stack goes with its volumes. Those with data of their own are named before they go.',
          action: 'Remove',
          look: 'danger',
          run: () =>
            withConsent(model, 'Remove with volumes', (consents) =>
              stack.down({ workspace, volumes: true, ...(consents ? { consents } : {}) }),
            ),
        }),
    },
  ];
}

function screenCommands(model: WindowModel, workspace: WorkspaceId): readonly Command[] {
  const group = 'Go to';
  const screens = model.registry.screens.map(
    (screen): Command => ({
      id: `screen:${screen.id}`,
      title: screen.title,
      group,
      icon: screen.icon,
      words: 'screen show',
      run: () => showScreen(model, workspace, screen.id),
    }),
  );
  return [
    ...screens,
    {
      id: 'all-logs',
      title: 'Logs of everything',
      group,
      icon: ScrollText,
      keys: 'mod+shift+l',
      run: () => showPane(model, workspace, { type: 'logs', services: [] }),
    },
    {
      id: 'toggle-dock',
      title: 'Show or hide the panes',
      group,
      icon: PanelBottom,
      keys: 'mod+j',
      run: () => changeView(model.view, workspace, (view) => ({ dockOpen: !view.dockOpen })),
    },
  ];
}

function projectCommands(model: WindowModel, workspace: WorkspaceId | undefined): readonly Command[] {
  const group = 'Project';
  const state = model.server.getState();
  const open = selectWorkspaces(state);
  const others = open.filter((entry) => entry.id !== workspace);
  const recents = (selectSettings(state)?.recents ?? []).filter((recent) =>
    open.every((entry) => entry.folder !== recent.folder),
  );
  return [
    {
      id: 'open',
      title: 'Open a folder…',
      group,
      icon: FolderOpen,
      keys: 'mod+o',
      run: () => void pickFolder(model),
    },
    {
      id: 'welcome',
      title: 'Welcome screen',
      group,
      icon: House,
      run: () => model.view.setState({ welcome: true }),
    },
    ...others.map(
      (entry): Command => ({
        id: `project:${entry.id}`,
        title: `Go to ${entry.name}`,
        group,
        words: entry.folder,
        run: () => model.view.setState({ workspace: entry.id, welcome: false }),
      }),
    ),
    ...recents.map(
      (recent): Command => ({
        id: `recent:${recent.folder}`,
        title: `Open ${recent.name}`,
        group,
        words: recent.folder,
        run: () => void openFolder(model, recent.folder),
      }),
    ),
    ...(workspace ? fileCommands(model, workspace) : []),
  ];
}

function fileCommands(model: WindowModel, workspace: WorkspaceId): readonly Command[] {
  const group = 'Project';
  return [
    {
      id: 'config',
      title: 'Show the resolved file',
      group,
      icon: FileCode,
      words: 'config compose yaml',
      run: () => model.view.setState({ dialog: { id: 'config' } }),
    },
    {
      id: 'reload',
      title: 'Read the files again',
      group,
      icon: RefreshCw,
      run: () => void attempt(model, 'Reading the files', model.client.project.reload({ workspace })),
    },
  ];
}

const THEMES = [
  { theme: 'light', icon: Sun },
  { theme: 'dark', icon: Moon },
  { theme: 'system', icon: Monitor },
] as const;

function themeCommands(model: WindowModel): readonly Command[] {
  return THEMES.map(({ theme, icon }) => ({
    id: `theme:${theme}`,
    title: `Theme: ${theme}`,
    group: 'Settings',
    icon,
    run: () => void attempt(model, 'Changing the theme', model.client.app.setTheme({ theme })),
  }));
}
