import '#ui/page.css';
import './boot.css';
import { ChartNoAxesGantt, Play, TriangleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import { describeBytes, describeTook } from '#contract/describe.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { BootTimeline } from '#contract/requests/boot.ts';
import type { RunRecord } from '#contract/runModel.ts';
import { attempt, boot } from '#state/actions.ts';
import { useElapsed, useNow, useRun, useServerShallow, useWindow, useWorkspace } from '#state/hooks.ts';
import { selectServices, selectSteps } from '#state/selectors.ts';
import { isActive } from '#state/summary.ts';
import { Button } from '#ui/Button.tsx';
import { EmptyState } from '#ui/EmptyState.tsx';
import { Progress } from '#ui/Progress.tsx';
import { Boots } from './Boots.tsx';
import { fallOfHistory } from './fallOfHistory.ts';
import { fallOfRun } from './fallOfRun.ts';
import { PullOverview } from './PullOverview.tsx';
import { Waterfall } from './Waterfall.tsx';

/** The boot that runs, or the last ones: where the time goes. */
export function BootScreen({ workspace }: { readonly workspace: WorkspaceId }) {
  const record = useWorkspace(workspace);
  const run = useRun(workspace, record?.activeRun);
  if (run && isActive(run) && run.kind === 'boot') return <LiveBoot run={run} />;
  // A new history comes with every boot that ends.
  return <PastBoots key={record?.lastBoot?.run} workspace={workspace} />;
}

function LiveBoot({ run }: { readonly run: RunRecord }) {
  const now = useNow();
  const steps = useServerShallow((state) => selectSteps(state, run));
  const services = useServerShallow((state) => selectServices(state, run.workspace));
  const fall = fallOfRun({ run, steps, services, now });
  const { startedAt, finishedAt: endedAt, estimateMs } = run;
  const all = estimateMs === undefined ? '' : ` · about ${describeTook(estimateMs)} in all`;
  return (
    <div className="page">
      <SoFar run={run} />
      <p className="page-sub">
        {run.stepsDone} of {run.steps} steps{all}
      </p>
      {run.pull && <PullTotal run={run} />}
      <Warnings of={run.warnings} />
      <Waterfall fall={fall} span={{ startedAt, endedAt, expectedMs: estimateMs }} />
    </div>
  );
}

function SoFar({ run }: { readonly run: RunRecord }) {
  const { startedAt, finishedAt: endedAt } = run;
  return <h1>{useElapsed({ startedAt, endedAt }, describeTook)} so far</h1>;
}

/** What the plan could not do as the files say. */
function Warnings({ of: warnings = [] }: { readonly of: readonly string[] | undefined }) {
  if (warnings.length === 0) return null;
  return (
    <ul className="boot-warnings" aria-label="Warnings of the plan">
      {warnings.map((warning) => (
        <li key={warning}>
          <TriangleAlert size={14} aria-hidden />
          <span>{warning}</span>
        </li>
      ))}
    </ul>
  );
}

function PullTotal({ run }: { readonly run: RunRecord }) {
  const { pull } = run;
  if (!pull) return null;
  const { current, total, rate } = pull;
  const left = total !== undefined && rate ? (total - current) / rate : undefined;
  const words = [
    `${describeBytes(current)}${total === undefined ? '' : ` of ${describeBytes(total)}`}`,
    rate ? `${describeBytes(rate)}/s` : '',
    left === undefined ? '' : `${describeTook(left * 1000)} left`,
  ];
  return (
    <div className="pull-total">
      <span>Downloading images: {words.filter((part) => part !== '').join(' · ')}</span>
      <Progress label="Downloading images" share={total ? current / total : undefined} />
    </div>
  );
}

function PastBoots({ workspace }: { readonly workspace: WorkspaceId }) {
  const history = useHistory(workspace);
  const [chosen, choose] = useState(0);
  if (!history) return <div className="page" aria-busy="true" />;
  const timeline = history[chosen];
  if (!timeline) return <FirstBoot workspace={workspace} />;
  return (
    <div className="page">
      <div className="boot-head">
        <div>
          <h1>{headline(timeline)}</h1>
          <p className="page-sub">
            <Facts workspace={workspace} timeline={timeline} />
          </p>
        </div>
        <Boots history={history} chosen={chosen} onChoose={choose} />
      </div>
      <Warnings of={timeline.warnings} />
      <Waterfall fall={fallOfHistory(timeline)} span={{ startedAt: 0, endedAt: timeline.totalMs }} />
    </div>
  );
}

function headline(timeline: BootTimeline): string {
  const took = describeTook(timeline.totalMs);
  if (timeline.outcome === 'done') return `${took} to ready`;
  return `${timeline.outcome === 'failed' ? 'Failed' : 'Cancelled'} after ${took}`;
}

interface FactsProps {
  readonly workspace: WorkspaceId;
  readonly timeline: BootTimeline;
}

function Facts({ workspace, timeline }: FactsProps) {
  const usual = useWorkspace(workspace)?.usualBootMs;
  const facts = [
    usual === undefined ? '' : `usually ${describeTook(usual)}`,
    timeline.criticalPath.length > 1 ? `${timeline.criticalPath.join(' → ')} decide it` : '',
    timeline.withoutEagerMs === undefined
      ? ''
      : `without eager checks this stack needs ${describeTook(timeline.withoutEagerMs)}`,
  ];
  return facts.filter((fact) => fact !== '').join(' · ');
}

function FirstBoot({ workspace }: { readonly workspace: WorkspaceId }) {
  const model = useWindow();
  const ready = useWorkspace(workspace)?.project.type === 'loaded';
  return (
    <div className="page">
      <PullOverview workspace={workspace} />
      <div style={{ height: 260 }}>
        <EmptyState
          icon={ChartNoAxesGantt}
          title="No boot yet"
          actions={
            ready && (
              <Button emphasis="primary" icon={Play} onClick={() => boot(model, workspace)}>
                Boot
              </Button>
            )
          }
        >
          After the first one, this shows where its time went: what each service waited for, and which ones
          decided the total.
        </EmptyState>
      </div>
    </div>
  );
}

function useHistory(workspace: WorkspaceId): readonly BootTimeline[] | undefined {
  const model = useWindow();
  const [history, setHistory] = useState<readonly BootTimeline[]>();
  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    void attempt(model, 'Reading the boots', model.client.boot.history({ workspace }, { signal })).then(
      (found) => !signal.aborted && setHistory(found ?? []),
    );
    return () => abort.abort();
  }, [model, workspace]);
  return history;
}
