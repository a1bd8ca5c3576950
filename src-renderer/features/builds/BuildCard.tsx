import { RefreshCcwDot } from 'lucide-react';
import { describeError, describeMissed, describeTook } from '#contract/describe.ts';
import type { ServiceRecord } from '#contract/model.ts';
import type { Advice, BuildStepView, BuildView } from '#contract/requests/builds.ts';
import { useNow, useWindow } from '#state/hooks.ts';
import { Button } from '#ui/Button.tsx';
import { Dot, type Tone } from '#ui/Dot.tsx';
import { replace } from './replace.ts';
import { useAdvice } from './useBuilds.ts';

const TONES: Readonly<Record<BuildView['outcome'], Tone>> = {
  running: 'wait',
  done: 'ok',
  failed: 'fail',
  cancelled: 'off',
};

/** One service: its last build and what there is to say about it. */
export function BuildCard({
  service,
  build,
}: {
  readonly service: ServiceRecord;
  readonly build: BuildView | undefined;
}) {
  const model = useWindow();
  const { advice, apply } = useAdvice(service.workspace, service.name, build?.id);
  // It was one build, and it is told of once.
  const isOwn = build?.sharedWith === undefined;
  return (
    <li className="build">
      <div className="build-head">
        <Dot tone={build ? TONES[build.outcome] : 'off'} />
        <b className="mono">{service.name}</b>
        <BuildWords build={build} />
        <Button icon={RefreshCcwDot} onClick={() => replace(model, service)}>
          Build and replace
        </Button>
      </div>
      {service.watching && (
        <p
          className={
            service.watching.outcome === 'failed' ? 'tone-fail build-watched' : 'faint build-watched'
          }
        >
          watched: {service.watching.lastAction ?? 'nothing has changed yet'}
        </p>
      )}
      {build?.error && <p className="tone-fail selectable">{describeError(build.error)}</p>}
      {build?.warnings.map((warning) => (
        <p key={warning} className="tone-wait selectable">
          {warning}
        </p>
      ))}
      {isOwn && build?.missed && <Missed missed={build.missed} />}
      {isOwn && build && <Steps build={build} />}
      {isOwn &&
        advice.map((entry) => (
          <AdviceCard key={`${entry.rule}:${entry.line}`} advice={entry} onApply={() => apply(entry.rule)} />
        ))}
    </li>
  );
}

function BuildWords({ build }: { readonly build: BuildView | undefined }) {
  const now = useNow(build?.outcome === 'running' ? 'fast' : 'slow');
  if (!build) return <span className="faint">not built by Slipway yet</span>;
  const took = describeTook((build.finishedAt ?? now) - build.startedAt);
  const layers = build.steps.filter(({ name }) => !name.startsWith('[internal]') && name.startsWith('['));
  const cached = layers.filter(({ status }) => status === 'cached').length;
  const words = {
    running: 'building for',
    done: 'built in',
    failed: 'failed after',
    cancelled: 'cancelled after',
  };
  const together = build.sharedWith === undefined ? '' : ` together with ${build.sharedWith}`;
  return (
    <span className="faint">
      {words[build.outcome]} {took}
      {together}, {cached} of {layers.length} steps cached
    </span>
  );
}

/** Why the build was not over at once. */
function Missed({ missed }: { readonly missed: NonNullable<BuildView['missed']> }) {
  return <p className="build-missed selectable">{describeMissed(missed)}</p>;
}

/** What the builder does for itself is only shown where it took long or failed. */
const SHOWN_FROM_MS = 500;

function Steps({ build }: { readonly build: BuildView }) {
  const shown = build.steps.filter(
    ({ name, status, tookMs }) =>
      (name.startsWith('[') && !name.startsWith('[internal]')) ||
      status === 'failed' ||
      (tookMs ?? 0) > SHOWN_FROM_MS,
  );
  const longest = Math.max(1, ...shown.map(({ tookMs }) => tookMs ?? 0));
  return (
    <ol className="build-steps">
      {shown.map((step) => (
        <Step key={`${step.name}:${step.startedAt}`} step={step} share={(step.tookMs ?? 0) / longest} />
      ))}
    </ol>
  );
}

function Step({ step, share }: { readonly step: BuildStepView; readonly share: number }) {
  return (
    <li className={`build-step is-${step.status}`}>
      <span className="mono build-step-name selectable" title={step.name}>
        {step.name}
      </span>
      <span className="build-bar" aria-hidden="true">
        <i style={{ width: `${Math.round(share * 100)}%` }} />
      </span>
      <span className="build-step-time">{timeOf(step)}</span>
      {step.status === 'failed' && step.log !== '' && <pre className="mono selectable">{step.log}</pre>}
    </li>
  );
}

function timeOf({ status, tookMs, progress }: BuildStepView): string {
  if (status === 'cached') return 'cached';
  if (status !== 'running') return describeTook(tookMs ?? 0);
  return progress ? `${Math.round((100 * progress.current) / Math.max(1, progress.total))} %` : 'at work';
}

function AdviceCard({ advice, onApply }: { readonly advice: Advice; readonly onApply: () => void }) {
  const cost =
    advice.costMs === undefined ? '' : ` It took ${describeTook(advice.costMs)} in the last build.`;
  return (
    <article className={`advice is-${advice.severity}`}>
      <b>{advice.title}</b>
      <p>
        {advice.explanation}
        {cost}
      </p>
      {advice.change && (
        <>
          <Diff text={advice.change.diff} />
          <Button onClick={onApply}>Write it into the file</Button>
        </>
      )}
    </article>
  );
}

function Diff({ text }: { readonly text: string }) {
  const kinds: Readonly<Record<string, string>> = { '+': 'is-added', '-': 'is-taken', '@': 'faint' };
  return (
    <pre className="mono diff selectable">
      {text.split('\n').map((line, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of a text have no other name.
        <span key={at} className={kinds[line[0] ?? ''] ?? ''}>
          {line}
          {'\n'}
        </span>
      ))}
    </pre>
  );
}
