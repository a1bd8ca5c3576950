import './shell.css';
import type { ReactNode } from 'react';
import type { WorkspaceId } from '#contract/ids.ts';
import { useWindow, useWorkspaceView } from '#state/hooks.ts';
import { Banners } from './Banners.tsx';
import { Header } from './Header.tsx';
import { Nav } from './Nav.tsx';

interface ShellProps {
  readonly workspace: WorkspaceId;
  /** The panes below the screens that want them. */
  readonly dock: (screen: ReactNode) => ReactNode;
}

/** The frame of an open project: what it is, where one is, and the screen one looks at. */
export function Shell({ workspace, dock }: ShellProps) {
  const { registry } = useWindow();
  const wanted = useWorkspaceView(workspace, (view) => view.screen);
  const screen = registry.screens.find((entry) => entry.id === wanted) ?? registry.screens[0];
  const content = screen && <screen.Component workspace={workspace} />;
  return (
    <div className="window">
      <Header workspace={workspace} />
      <Nav workspace={workspace} current={screen?.id} />
      <main className="main" aria-label={screen?.title}>
        <Banners />
        <div className="main-content">{screen?.withDock ? dock(content) : content}</div>
      </main>
    </div>
  );
}
