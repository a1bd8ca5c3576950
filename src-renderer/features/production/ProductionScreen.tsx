import '#ui/page.css';
import './production.css';
import { RefreshCw, Shield } from 'lucide-react';
import { useState } from 'react';
import { describeError } from '#contract/describe.ts';
import type { AppError } from '#contract/errors.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { ServiceRecord } from '#contract/model.ts';
import type { DriftView, EnvironmentInfo, ProductionView } from '#contract/requests/production.ts';
import { useServerShallow, useWindow } from '#state/hooks.ts';
import { selectServices } from '#state/selectors.ts';
import { useAsked } from '#state/useAsked.ts';
import { Button, TextToggle } from '#ui/Button.tsx';
import { EmptyState } from '#ui/EmptyState.tsx';
import { ErrorCard } from '#ui/ErrorCard.tsx';
import { AddEnvironment } from './AddEnvironment.tsx';
import { DriftTable } from './DriftTable.tsx';
import { LocalRegistry } from './LocalRegistry.tsx';
import { MatchAll } from './MatchAll.tsx';
import { Registries } from './Registries.tsx';
import { SwapBanners } from './SwapBanners.tsx';

interface Props {
  readonly workspace: WorkspaceId;
}

/** What production runs, how far this stack is from it, and what runs production's image here. */
export function ProductionScreen({ workspace }: Props) {
  const { client } = useWindow();
  const [round, setRound] = useState(0);
  const view = useAsked(
    (signal) => client.production.view({ workspace }, { signal }),
    `${workspace}/${round}`,
  );
  const again = () => setRound((count) => count + 1);
  if (view.failure)
    return (
      <div className="page">
        <ErrorCard
          title="Production cannot be looked at"
          actions={
            <Button icon={RefreshCw} onClick={again}>
              Look again
            </Button>
          }
        >
          <p>{describeError(view.failure)}</p>
        </ErrorCard>
      </div>
    );
  if (!view.value) return <div className="page faint">Looking…</div>;
  if (view.value.environments.length === 0)
    return <Nothing workspace={workspace} view={view.value} onAdded={again} />;
  return (
    <Environments
      key={workspace}
      workspace={workspace}
      environments={view.value.environments}
      round={round}
      onAgain={again}
    />
  );
}

interface NothingProps extends Props {
  readonly view: ProductionView;
  readonly onAdded: () => void;
}

function Nothing({ workspace, view, onAdded }: NothingProps) {
  return (
    <div className="page production">
      <SwapBanners workspace={workspace} />
      <EmptyState
        icon={Shield}
        screen="Production"
        title="What does production run?"
        actions={<AddEnvironment workspace={workspace} onAdded={onAdded} />}
      >
        {view.problems[0] ??
          'Name a file: Kubernetes manifests, a compose file, an ECS task definition, a Nomad job, or a plain map of services to images. Or put it into the compose file, for everybody: x-slipway: { production: deploy/production.yaml }.'}
      </EmptyState>
      <Registries workspace={workspace} />
      <LocalRegistry workspace={workspace} />
    </div>
  );
}

interface EnvironmentsProps extends Props {
  readonly environments: readonly EnvironmentInfo[];
  readonly round: number;
  readonly onAgain: () => void;
}

function Environments({ workspace, environments, round, onAgain }: EnvironmentsProps) {
  const { client } = useWindow();
  const [name, setName] = useState(environments[0]?.name);
  const [consents, setConsents] = useState<readonly string[]>([]);
  const chosen = environments.find((entry) => entry.name === name) ?? environments[0];
  // What a swap replaced or brought back is another picture.
  const swapped = useServerShallow((state) => selectServices(state, workspace).map(swapKey)).join();
  const drift = useAsked(
    (signal) =>
      client.production.drift({ workspace, environment: chosen?.name, consents: [...consents] }, { signal }),
    `${workspace}/${chosen?.name}/${round}/${consents.join()}/${swapped}`,
  );
  if (!chosen) return null;
  return (
    <div className="page production">
      <div className="page-head">
        <div>
          <h1>Production</h1>
          <p className="page-sub">{describeDrift(chosen, drift.value)}</p>
        </div>
        {environments.length > 1 &&
          environments.map((entry) => (
            <TextToggle key={entry.name} on={entry.name === chosen.name} onClick={() => setName(entry.name)}>
              {entry.name}
            </TextToggle>
          ))}
        <Button icon={RefreshCw} onClick={onAgain}>
          Look again
        </Button>
        {drift.value && <MatchAll workspace={workspace} drift={drift.value} onDone={onAgain} />}
      </div>
      <SwapBanners workspace={workspace} />
      {drift.failure && <DriftFailure error={drift.failure} onConsent={setConsents} />}
      {!drift.value && !drift.failure && <p className="faint">Asking the registries…</p>}
      {drift.value && <DriftTable workspace={workspace} drift={drift.value} />}
      <Registries workspace={workspace} />
      <LocalRegistry workspace={workspace} />
    </div>
  );
}

interface DriftFailureProps {
  readonly error: AppError;
  readonly onConsent: (consents: readonly string[]) => void;
}

/** A command of the project's is shown in full before it runs for the first time. */
function DriftFailure({ error, onConsent }: DriftFailureProps) {
  if (error.kind !== 'data.consentRequired')
    return <ErrorCard title="What production runs cannot be read">{<p>{describeError(error)}</p>}</ErrorCard>;
  const [sentence = '', ...rest] = error.message.split('\n');
  return (
    <ErrorCard
      tone="wait"
      title="The project wants to run a command"
      output={rest.join('\n').trim()}
      actions={
        <Button emphasis="primary" onClick={() => onConsent(error.missing)}>
          Run it, now and from now on
        </Button>
      }
    >
      <p>{sentence}</p>
    </ErrorCard>
  );
}

function describeDrift(environment: EnvironmentInfo, drift: DriftView | undefined): string {
  const where = sourceText(environment);
  if (!drift) return `${environment.name} · ${where}`;
  const apart = drift.rows.filter(
    ({ state, service }) => service && state !== 'same' && state !== 'onlyHere',
  ).length;
  const words =
    apart === 0 ? 'nothing is apart' : `${apart} ${apart === 1 ? 'service is' : 'services are'} apart`;
  return `${environment.name} · ${where} · ${words}`;
}

function swapKey({ swap, replicas }: ServiceRecord): string {
  return swap ? `${swap.image} ${replicas[0]?.imageId}` : '';
}

function sourceText({ source }: EnvironmentInfo): string {
  switch (source.type) {
    case 'file':
      return source.file;
    case 'url':
      return source.url;
    case 'command':
      return source.command;
    case 'images':
      return `${source.count} images named in the compose file`;
  }
}
