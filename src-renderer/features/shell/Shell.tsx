import './shell.css';
import { type ComponentType, memo, type ReactNode, useDeferredValue, useMemo } from 'react';
import type { WorkspaceId } from '#contract/ids.ts';
import { useWindow, useWorkspaceView } from '#state/hooks.ts';
import type { Screen } from '#state/registry.ts';
import { Banners } from './Banners.tsx';
import { Header } from './Header.tsx';
import { Nav } from './Nav.tsx';

interface DockProps {
  readonly workspace: WorkspaceId;
  readonly children: ReactNode;
}

interface ShellProps {
  readonly workspace: WorkspaceId;
  /** The panes below the screens that want them. */
  readonly Dock: ComponentType<DockProps>;
}

/**
 * The frame of an open project: what it is, where one is, and the screen one looks at. A click is answered in the frame at once; the
 * screen, which may be long, is made in pieces behind it.
 */
export function Shell({ workspace, Dock }: ShellProps) {
  const { registry } = useWindow();
  const wanted = useWorkspaceView(workspace, (view) => view.screen);
  const screen = registry.screens.find((entry) => entry.id === wanted) ?? registry.screens[0];
  const shown = useDeferredValue(useMemo(() => ({ workspace, screen }), [workspace, screen]));
  return (
    <div className="window">
      <Header workspace={workspace} />
      <Nav workspace={workspace} current={screen?.id} />
      <main className="main" aria-label={shown.screen?.title}>
        <Banners />
        <div className="main-content">
          {shown.screen && <ShownScreen workspace={shown.workspace} screen={shown.screen} Dock={Dock} />}
        </div>
      </main>
    </div>
  );
}

interface ShownScreenProps extends ShellProps {
  readonly screen: Screen;
}

const ShownScreen = memo(function ShownScreen({ workspace, screen, Dock }: ShownScreenProps) {
  // Another project is another screen: no answer about one stands under the name of the other.
  const content = <screen.Component key={workspace} workspace={workspace} />;
  if (!screen.withDock) return content;
  return (
    <Dock key={workspace} workspace={workspace}>
      {content}
    </Dock>
  );
});
