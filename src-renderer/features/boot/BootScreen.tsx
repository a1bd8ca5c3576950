import '#ui/page.css';
import './boot.css';
import { ChartNoAxesGantt, Play, TriangleAlert } from 'lucide-react';
import { memo, useDeferredValue, useMemo, useState } from 'react';
import { describeBytes, describeError, describeTook } from '#contract/describe.ts';
import type { AppError } from '#contract/errors.ts';
import type { RunId, WorkspaceId } from '#contract/ids.ts';
import type { BootTimeline } from '#contract/requests/boot.ts';
import type { RunRecord } from '#contract/runModel.ts';
import { boot } from '#state/actions.ts';
import { useElapsed, useServer, useServerShallow, useWindow, useWorkspace } from '#state/hooks.ts';
import { selectLatestRun, selectServices, selectSteps } from '#state/selectors.ts';
import { isActive } from '#state/summary.ts';
import { Button } from '#ui/Button.tsx';
import { EmptyState } from '#ui/EmptyState.tsx';
import { ErrorCard } from '#ui/ErrorCard.tsx';
import { Progress } from '#ui/Progress.tsx';
import { Boots } from './Boots.tsx';
import { fallOfHistory } from './fallOfHistory.ts';
import { fallOfRun } from './fallOfRun.ts';
import { PullOverview } from './PullOverview.tsx';
import { useHistory } from './useHistory.ts';
import { Waterfall } from './Waterfall.tsx';

/** The boot that runs, or the last ones: where the time goes. */
export function BootScreen({ workspace }: { readonly workspace: WorkspaceId }) {
  const record = useWorkspace(workspace);
  const run = useServer((state) => selectLatestRun(state, workspace));
  const isLive = run !== undefined && isActive(run) && run.kind === 'boot';
  const [seen, setSeen] = useState<RunId>();
  if (isLive && seen !== run.id) setSeen(run.id);
  // A new history comes with every boot that ends.
  const lastBoot = record?.lastBoot?.run;
  const { boots: history, failure } = useHistory(workspace, { lastBoot, wanted: !isLive });
  // One that was watched to its end stays until its history is there.
  if (isLive || (run?.id === seen && history === undefined && failure === undefined && run !== undefined))
    return <LiveBoot run={run} />;
  if (failure !== undefined) return <NoHistory failure={failure} />;
  if (history === undefined) return <div className="page" aria-busy="true" />;
  if (history.length === 0) return <FirstBoot workspace={workspace} />;
  return <PastBoots key={lastBoot} workspace={workspace} history={history} />;
}

function LiveBoot({ run }: { readonly run: RunRecord }) {
  const { estimateMs } = run;
  const all = estimateMs === undefined ? '' : ` · about ${describeTook(estimateMs)} in all`;
  return (
    <div className="page">
      <SoFar run={run} />
      <p className="page-sub">
        {run.stepsDone} of {run.steps} steps{all}
      </p>
      {run.pull && <PullTotal run={run} />}
      <Warnings of={run.warnings} />
      <LiveFall run={run} />
    </div>
  );
}

/** Comes after what stands above it, and its lines are drawn in pieces: those of hundreds of services take longer than all else. */
function LiveFall({ run }: { readonly run: RunRecord }) {
  const steps = useServerShallow((state) => selectSteps(state, run));
  const services = useServerShallow((state) => selectServices(state, run.workspace));
  const now = useMemo(() => ({ run, steps, services }), [run, steps, services]);
  const shown = useDeferredValue<typeof now | null>(now, null);
  return shown && <FallOfRun boot={shown} />;
}

const FallOfRun = memo(({ boot }: { readonly boot: Parameters<typeof fallOfRun>[0] }) => {
  const { startedAt, finishedAt: endedAt, estimateMs: expectedMs } = boot.run;
  return <Waterfall fall={fallOfRun(boot)} span={{ startedAt, endedAt, expectedMs }} />;
});

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

interface PastBootsProps {
  readonly workspace: WorkspaceId;
  /** Newest first. */
  readonly history: readonly BootTimeline[];
}

function PastBoots({ workspace, history }: PastBootsProps) {
  const [chosen, choose] = useState(0);
  const timeline = history[chosen];
  const fall = useMemo(() => timeline && fallOfHistory(timeline), [timeline]);
  if (!timeline || !fall) return null;
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
      <Waterfall fall={fall} span={{ startedAt: 0, endedAt: timeline.totalMs }} />
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

function NoHistory({ failure }: { readonly failure: AppError }) {
  return (
    <div className="page">
      <h1>Boot</h1>
      <ErrorCard title="The boots cannot be read">{<p>{describeError(failure)}</p>}</ErrorCard>
    </div>
  );
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
