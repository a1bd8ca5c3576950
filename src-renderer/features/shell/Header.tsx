import { CircleX, GitBranch, Play, RotateCw, Search, Settings, Square } from 'lucide-react';
import type { RunId, WorkspaceId } from '#contract/ids.ts';
import type { ContainerState } from '#contract/model.ts';
import { boot, cancel, showFailed, showScreen, stop } from '#state/actions.ts';
import { useRun, useServer, useServerShallow, useWindow, useWorkspace } from '#state/hooks.ts';
import { selectEngine, selectRun, selectServices, selectSteps, selectWorkspace } from '#state/selectors.ts';
import { hasWorkLeft, isActive, summarise } from '#state/summary.ts';
import { Button, IconButton } from '#ui/Button.tsx';
import { Dot } from '#ui/Dot.tsx';
import { Icon } from '#ui/Icon.tsx';
import { Key } from '#ui/Key.tsx';
import { Progress } from '#ui/Progress.tsx';
import { ProjectMenu } from './ProjectMenu.tsx';

/** Which project this is, how it is, and what to do about it. */
export function Header({ workspace }: { readonly workspace: WorkspaceId }) {
  const model = useWindow();
  const record = useWorkspace(workspace);
  return (
    <header className="header">
      <ProjectMenu workspace={workspace} />
      {record?.branch && (
        <span className="branch" title={`Branch ${record.branch}`}>
          <Icon of={GitBranch} size={14} />
          <span className="cut">{record.branch}</span>
        </span>
      )}
      <Say workspace={workspace} />
      <span className="space" />
      <div className="header-actions">
        <StackButtons workspace={workspace} />
        <Button
          emphasis="quiet"
          icon={Search}
          aria-label="Command palette"
          aria-keyshortcuts="Control+K Meta+K"
          onClick={() => model.view.setState({ palette: true })}
        >
          <Key of="mod+k" />
        </Button>
        <IconButton
          icon={Settings}
          label="Settings"
          onClick={() => showScreen(model, workspace, 'settings')}
        />
      </div>
      <RunProgress workspace={workspace} run={record?.activeRun} />
    </header>
  );
}

function Say({ workspace }: { readonly workspace: WorkspaceId }) {
  const model = useWindow();
  const summary = useServerShallow((state) => {
    const record = selectWorkspace(state, workspace);
    if (!record) return undefined;
    const services = selectServices(state, workspace);
    const run = selectRun(state, workspace, record.activeRun);
    const steps = run && isActive(run) ? selectSteps(state, run) : [];
    return summarise({ workspace: record, services, run, steps, engine: selectEngine(state) });
  });
  if (!summary) return null;
  return (
    <span className="say">
      <Dot tone={summary.tone} turning={summary.tone === 'wait'} />
      <span className="cut">
        {summary.leadTo === 'failed' && (
          <button
            type="button"
            className={`say-failed tone-${summary.tone}`}
            title="Show what failed"
            onClick={() => showFailed(model, workspace)}
          >
            {summary.lead}
          </button>
        )}
        {summary.lead && summary.leadTo === undefined && (
          <span className={`tone-${summary.tone}`}>{summary.lead}</span>
        )}
        {summary.lead && summary.rest && ' · '}
        {summary.rest}
      </span>
    </span>
  );
}

/** What can be stopped. */
const UP: ReadonlySet<ContainerState> = new Set(['running', 'paused', 'restarting', 'removing']);

function StackButtons({ workspace }: { readonly workspace: WorkspaceId }) {
  const model = useWindow();
  const buttons = useServer((state) => {
    const record = selectWorkspace(state, workspace);
    if (record?.project.type !== 'loaded' || !record.live) return 'none';
    const run = selectRun(state, workspace, record.activeRun);
    if (run && isActive(run)) return `cancel:${run.id}:${run.status.type}`;
    const services = selectServices(state, workspace);
    const up = services.some((service) => service.replicas.some(({ state }) => UP.has(state)));
    return `${up ? 'stop' : ''}+${hasWorkLeft(record, services) ? 'retry' : 'boot'}`;
  });
  if (buttons === 'none') return null;
  if (buttons.startsWith('cancel:')) {
    const [, run = '', status] = buttons.split(':');
    return (
      <Button
        key="cancel"
        icon={CircleX}
        disabled={status === 'cancelling'}
        // It comes where Boot was: the second click of a double click is not meant for it.
        onClick={(event) => event.detail < 2 && cancel(model, workspace, run as RunId)}
      >
        {status === 'cancelling' ? 'Cancelling' : 'Cancel'}
      </Button>
    );
  }
  return (
    <>
      {buttons.startsWith('stop') && (
        <Button key="stop" icon={Square} onClick={(event) => event.detail < 2 && stop(model, workspace)}>
          Stop
        </Button>
      )}
      <Button
        key="boot"
        emphasis="primary"
        icon={buttons.endsWith('retry') ? RotateCw : Play}
        aria-keyshortcuts="Control+Enter Meta+Enter"
        onClick={(event) => event.detail < 2 && boot(model, workspace)}
      >
        {buttons.endsWith('retry') ? 'Retry' : 'Boot'}
      </Button>
    </>
  );
}

function RunProgress({
  workspace,
  run,
}: {
  readonly workspace: WorkspaceId;
  readonly run: RunId | undefined;
}) {
  const record = useRun(workspace, run);
  if (!record || !isActive(record)) return null;
  return (
    <div className="header-progress">
      <Progress label={record.title} share={record.steps > 0 ? record.stepsDone / record.steps : undefined} />
    </div>
  );
}
