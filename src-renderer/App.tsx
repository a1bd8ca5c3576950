import type { WorkspaceId } from '#contract/ids.ts';
import { Dock } from '#panes/Dock.tsx';
import { useCurrentWorkspace, useServer, useView, useWindow, WindowContext } from '#state/hooks.ts';
import { dialogKey } from '#state/projectDialogs.ts';
import type { WindowModel } from '#state/windowModel.ts';
import { TooltipLayer } from '#ui/TooltipLayer.tsx';
import { Palette } from './features/palette/Palette.tsx';
import { useTheme } from './features/settings/useTheme.ts';
import { Announcements } from './features/shell/Announcements.tsx';
import { Banners } from './features/shell/Banners.tsx';
import { ConfirmDialog } from './features/shell/ConfirmDialog.tsx';
import { Shell } from './features/shell/Shell.tsx';
import { useHost } from './features/shell/useHost.ts';
import { useKeys } from './features/shell/useKeys.ts';
import { BrowseDialog } from './features/welcome/BrowseDialog.tsx';
import { Welcome } from './features/welcome/Welcome.tsx';

/** The whole window. */
export function App({ model }: { readonly model: WindowModel }) {
  return (
    <WindowContext value={model}>
      <Frame />
      <Announcements />
      <TooltipLayer />
    </WindowContext>
  );
}

function Frame() {
  useTheme();
  useHost();
  const workspace = useCurrentWorkspace();
  const welcome = useView((state) => state.welcome);
  const loaded = useServer((state) => state.loaded);
  useKeys(workspace);
  return (
    <>
      {workspace && !welcome ? (
        <Shell workspace={workspace} Dock={Dock} />
      ) : (
        <Welcome loading={!loaded} banners={<Banners />} />
      )}
      <Palette workspace={workspace} />
      {workspace && <OpenDialog workspace={workspace} />}
      <Browse />
      <ConfirmDialog />
    </>
  );
}

/** The one dialog that needs no project: it opens one. */
function Browse() {
  const { view } = useWindow();
  const open = useView((state) => state.dialog?.id === 'browse');
  return open ? <BrowseDialog onClose={() => view.setState({ dialog: undefined })} /> : null;
}

function OpenDialog({ workspace }: { readonly workspace: WorkspaceId }) {
  const { registry, view } = useWindow();
  const dialog = useView((state) => state.dialog);
  const Component = dialog && registry.dialogs[dialog.id];
  if (!Component) return null;
  return (
    <Component
      key={dialogKey(workspace, dialog)}
      workspace={workspace}
      service={dialog.service}
      input={dialog.input}
      onClose={() => view.setState({ dialog: undefined })}
    />
  );
}
