import './dock.css';
import { type ReactNode, useLayoutEffect, useRef } from 'react';
import type { WorkspaceId } from '#contract/ids.ts';
import { type DockNode, resizeSplit } from '#state/dockLayout.ts';
import { useWindow, useWorkspaceView } from '#state/hooks.ts';
import { changeView } from '#state/viewStore.ts';
import { Split } from '#ui/Split.tsx';
import { DockTabsView } from './DockTabsView.tsx';

interface DockProps {
  readonly workspace: WorkspaceId;
  /** The screen above. */
  readonly children: ReactNode;
}

const SCREEN_MIN_PX = 140;
const DOCK_MIN_PX = 90;
const SIZES = { screen: 68.6, dock: 31.4 };

/** A screen with panes below it, and a bar between them. */
export function Dock({ workspace, children }: DockProps) {
  const { view } = useWindow();
  const open = useWorkspaceView(workspace, (entry) => entry.dockOpen);
  const sizes = useWorkspaceView(workspace, (entry) => entry.sizes);
  const root = useWorkspaceView(workspace, (entry) => entry.dock.root);
  if (!open) return <div className="main-dock">{children}</div>;
  return (
    <Split
      label="panes"
      direction="column"
      sizes={sizes ?? SIZES}
      onSizes={(next) => changeView(view, workspace, { sizes: next })}
      parts={[
        { id: 'screen', minSize: SCREEN_MIN_PX, content: children },
        {
          id: 'dock',
          minSize: DOCK_MIN_PX,
          keepPixels: true,
          content: (
            <Measured>
              <Node workspace={workspace} node={root} />
            </Measured>
          ),
        },
      ]}
    />
  );
}

/** Tells how high the panes are: what is said in the corner keeps clear of their newest lines. */
function Measured({ children }: { readonly children: ReactNode }) {
  const { notices } = useWindow();
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => notices.standAbove(entry?.contentRect.height ?? 0));
    if (box.current) observer.observe(box.current);
    return () => {
      observer.disconnect();
      notices.standAbove(0);
    };
  }, [notices]);
  return (
    <div className="dock-box" ref={box}>
      {children}
    </div>
  );
}

function Node({ workspace, node }: { readonly workspace: WorkspaceId; readonly node: DockNode }) {
  const { view } = useWindow();
  if (node.type === 'tabs') return <DockTabsView workspace={workspace} tabs={node} />;
  return (
    <Split
      key={node.children.map((child) => child.id).join(' ')}
      label="split"
      direction={node.direction}
      sizes={node.sizes}
      onSizes={(sizes) =>
        changeView(view, workspace, (entry) => ({ dock: resizeSplit(entry.dock, node.id, sizes) }))
      }
      parts={node.children.map((child) => ({
        id: child.id,
        content: <Node workspace={workspace} node={child} />,
      }))}
    />
  );
}
