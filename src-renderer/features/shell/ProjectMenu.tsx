import { ChevronDown, FileCode, FolderOpen, RefreshCw, X } from 'lucide-react';
import type { WorkspaceId } from '#contract/ids.ts';
import type { RecentProject, WorkspaceRecord } from '#contract/model.ts';
import { attempt, openFolder, pickFolder } from '#state/actions.ts';
import { useServer, useServerShallow, useWindow, useWorkspace } from '#state/hooks.ts';
import { selectSettings, selectWorkspaces } from '#state/selectors.ts';
import type { WindowModel } from '#state/windowModel.ts';
import { Icon } from '#ui/Icon.tsx';
import { Menu, type MenuEntry } from '#ui/Menu.tsx';

const RECENTS_SHOWN = 6;

/** The open projects, the ones before, and what concerns this one as a whole. */
export function ProjectMenu({ workspace }: { readonly workspace: WorkspaceId }) {
  const model = useWindow();
  const record = useWorkspace(workspace);
  const open = useServerShallow(selectWorkspaces);
  const recents = useServer((state) => selectSettings(state)?.recents);
  if (!record) return null;
  const entries = [
    ...openEntries(model, open, workspace),
    ...recentEntries(model, recents ?? [], open),
    ...profileEntries(model, record),
    ...ownEntries(model, record),
  ];
  return (
    <Menu entries={entries}>
      <button type="button" className="project-button" title={record.folder}>
        <span className="cut">{record.name}</span>
        <Icon of={ChevronDown} />
      </button>
    </Menu>
  );
}

function openEntries(
  model: WindowModel,
  open: readonly WorkspaceRecord[],
  current: WorkspaceId,
): readonly MenuEntry[] {
  const items = open.map(
    (entry): MenuEntry => ({
      type: 'item',
      id: entry.id,
      text: entry.name,
      detail: entry.folder,
      checked: entry.id === current,
      run: () => model.view.setState({ workspace: entry.id }),
    }),
  );
  return [{ type: 'label', id: 'open', text: 'Open projects' }, ...items];
}

function recentEntries(
  model: WindowModel,
  recents: readonly RecentProject[],
  open: readonly WorkspaceRecord[],
): readonly MenuEntry[] {
  const others = recents
    .filter((recent) => open.every((entry) => entry.folder !== recent.folder))
    .slice(0, RECENTS_SHOWN)
    .map(
      (recent): MenuEntry => ({
        type: 'item',
        id: `recent:${recent.folder}`,
        text: recent.name,
        detail: recent.folder,
        run: () => void openFolder(model, recent.folder),
      }),
    );
  const label: MenuEntry[] = others.length > 0 ? [{ type: 'label', id: 'recent', text: 'Recent' }] : [];
  return [
    ...label,
    ...others,
    {
      type: 'item',
      id: 'open-folder',
      text: 'Open a folder…',
      icon: FolderOpen,
      keys: 'mod+o',
      run: () => void pickFolder(model),
    },
  ];
}

function profileEntries(model: WindowModel, record: WorkspaceRecord): readonly MenuEntry[] {
  if (record.profiles.length === 0) return [];
  const active = record.profiles.filter((profile) => profile.active).map((profile) => profile.name);
  const toggled = (name: string, on: boolean) =>
    on ? active.filter((entry) => entry !== name) : [...active, name];
  return [
    { type: 'line', id: 'profiles-line' },
    { type: 'label', id: 'profiles', text: 'Profiles' },
    ...record.profiles.map(
      (profile): MenuEntry => ({
        type: 'item',
        id: `profile:${profile.name}`,
        text: profile.name,
        detail: profile.services.join(', '),
        checked: profile.active,
        run: () =>
          void attempt(
            model,
            'Changing the profiles',
            model.client.project.setProfiles({
              workspace: record.id,
              profiles: toggled(profile.name, profile.active),
            }),
          ),
      }),
    ),
  ];
}

function ownEntries(model: WindowModel, record: WorkspaceRecord): readonly MenuEntry[] {
  const workspace = record.id;
  return [
    { type: 'line', id: 'own-line' },
    {
      type: 'item',
      id: 'config',
      text: 'Show the resolved file',
      icon: FileCode,
      run: () => model.view.setState({ dialog: { id: 'config' } }),
    },
    {
      type: 'item',
      id: 'reload',
      text: 'Read the files again',
      icon: RefreshCw,
      run: () => void attempt(model, 'Reading the files', model.client.project.reload({ workspace })),
    },
    {
      type: 'item',
      id: 'close',
      text: 'Close the project',
      detail: 'containers stay as they are',
      icon: X,
      run: () => void attempt(model, 'Closing', model.client.project.close({ workspace })),
    },
  ];
}
