import './stack.css';
import { Search } from 'lucide-react';
import { lazy, Suspense, useEffect, useRef } from 'react';
import type { WorkspaceId } from '#contract/ids.ts';
import { useWindow, useWorkspace, useWorkspaceView } from '#state/hooks.ts';
import { changeView } from '#state/viewStore.ts';
import { TextToggle } from '#ui/Button.tsx';
import { Field } from '#ui/Field.tsx';
import { Key } from '#ui/Key.tsx';
import { InvalidProject, LoadingProject, NoServices } from './projectStates.tsx';
import { ServiceList } from './ServiceList.tsx';

const GraphView = lazy(() => import('./GraphView.tsx').then((module) => ({ default: module.GraphView })));

/** The home: every service of the stack. */
export function StackScreen({ workspace }: { readonly workspace: WorkspaceId }) {
  return (
    <div className="stack">
      <h1 className="visually-hidden">Stack</h1>
      <Tools workspace={workspace} />
      <Content workspace={workspace} />
    </div>
  );
}

function Content({ workspace }: { readonly workspace: WorkspaceId }) {
  const record = useWorkspace(workspace);
  const look = useWorkspaceView(workspace, (view) => view.look);
  if (!record || (record.project.type === 'loading' && record.services.length === 0))
    return <LoadingProject />;
  if (record.project.type === 'invalid') {
    return <InvalidProject workspace={workspace} errors={record.project.errors} />;
  }
  if (record.services.length === 0) return <NoServices />;
  if (look === 'list') return <ServiceList workspace={workspace} />;
  return (
    <Suspense fallback={<LoadingProject />}>
      <GraphView workspace={workspace} />
    </Suspense>
  );
}

function Tools({ workspace }: { readonly workspace: WorkspaceId }) {
  const { view } = useWindow();
  const { group, look } = useWorkspaceView(workspace, (entry) => entry);
  return (
    <div className="tools" role="toolbar" aria-label="Service list">
      <Filter workspace={workspace} />
      <span className="space" />
      <TextToggle
        on={group === 'state'}
        disabled={look === 'graph'}
        onClick={() => changeView(view, workspace, { group: group === 'state' ? 'none' : 'state' })}
      >
        Group by state
      </TextToggle>
      <TextToggle
        on={look === 'graph'}
        onClick={() => changeView(view, workspace, { look: look === 'graph' ? 'list' : 'graph' })}
      >
        Graph
      </TextToggle>
    </div>
  );
}

function Filter({ workspace }: { readonly workspace: WorkspaceId }) {
  const { view } = useWindow();
  const filter = useWorkspaceView(workspace, (entry) => entry.filter);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof Element && event.target.closest('input, textarea, [role="dialog"]');
      if (event.key !== '/' || event.ctrlKey || event.metaKey || typing) return;
      event.preventDefault();
      input.current?.select();
    };
    document.addEventListener('keydown', focus);
    return () => document.removeEventListener('keydown', focus);
  }, []);
  return (
    <Field
      ref={input}
      icon={Search}
      label="Filter services"
      type="search"
      value={filter}
      aria-keyshortcuts="/"
      end={filter === '' ? <Key of="/" /> : undefined}
      onChange={(event) => changeView(view, workspace, { filter: event.target.value })}
      onKeyDown={(event) => {
        if (event.key === 'Escape') changeView(view, workspace, { filter: '' });
        if (event.key === 'Escape' || event.key === 'Enter') focusList(event.currentTarget);
      }}
    />
  );
}

function focusList(from: HTMLElement): void {
  from.blur();
  const row = from.closest('.stack')?.querySelector('[role="row"][tabindex="0"]');
  if (row instanceof HTMLElement) row.focus();
}
