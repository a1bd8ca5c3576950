import '#ui/page.css';
import './versions.css';
import { FlaskConical, GitCompareArrows, ListChecks } from 'lucide-react';
import { useState } from 'react';
import { describeAgo, describeError } from '#contract/describe.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { ServiceRecord } from '#contract/model.ts';
import type { VersionMenu } from '#contract/requests/versions.ts';
import { attempt } from '#state/actions.ts';
import { useNow, useServer, useServerShallow, useWindow } from '#state/hooks.ts';
import { selectLatestRun, selectServices } from '#state/selectors.ts';
import { useAsked } from '#state/useAsked.ts';
import { Button } from '#ui/Button.tsx';
import { EmptyState } from '#ui/EmptyState.tsx';
import { Pill } from '#ui/Pill.tsx';
import { lastLeft } from './lastLeft.ts';
import { monthOf } from './monthOf.ts';
import { SwitchFailure } from './SwitchFailure.tsx';

/** Every service whose version can be switched, and the earlier data that each can return to. */
export function VersionsScreen({ workspace }: { readonly workspace: WorkspaceId }) {
  const { view } = useWindow();
  const services = useServerShallow((state) => selectServices(state, workspace));
  const switchable = services.filter((service) => service.middleware !== undefined && !service.disabled);
  if (switchable.length === 0) {
    return (
      <EmptyState icon={GitCompareArrows} screen="Versions" title="No middleware in this stack">
        Services that run Postgres, Redis, RabbitMQ and their like show up here. An image of your own counts
        when the compose file says so: x-slipway: {'{ middleware: postgres }'}.
      </EmptyState>
    );
  }
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>Versions</h1>
          <p className="page-sub">
            Each line of versions has data of its own. A switch carries it over, and going back is one click.
          </p>
        </div>
        <Button icon={ListChecks} onClick={() => view.setState({ dialog: { id: 'switchMany' } })}>
          Switch several…
        </Button>
      </div>
      <div className="versions-list">
        {switchable.map((service) => (
          <Row key={service.name} workspace={workspace} service={service} />
        ))}
      </div>
    </div>
  );
}

function Row({ workspace, service }: { readonly workspace: WorkspaceId; readonly service: ServiceRecord }) {
  const model = useWindow();
  const { client, view } = model;
  const [forgotten, setForgotten] = useState(0);
  // What a switch has left behind is known when it has ended.
  const ended = useServer((state) => selectLatestRun(state, workspace)?.finishedAt);
  const menu = useAsked(
    (signal) => client.versions.menu({ workspace, service: service.name }, { signal }),
    `${workspace} ${service.name} ${service.image} ${ended} ${forgotten}`,
  );
  const forget = async () => {
    await attempt(model, 'Dismissing', client.versions.forgetFailure({ workspace, service: service.name }));
    setForgotten((count) => count + 1);
  };
  const open = (to?: string) =>
    view.setState({ dialog: { id: 'switchVersion', service: service.name, ...(to && { input: { to } }) } });
  const text = `${service.middleware?.product} ${service.middleware?.version}`;
  const failed = menu.value?.failed;
  return (
    <>
      <div className="versions-row">
        <span className="who cut">{service.name}</span>
        <Pill text={text} label={`${service.name}: ${text}, change the version`} onClick={() => open()} />
        <Words menu={menu.value} failure={menu.failure && describeError(menu.failure)} />
        <Back menu={menu.value} onBack={open} />
        <Button
          emphasis="quiet"
          icon={FlaskConical}
          title={`Try versions of ${service.name} with a check`}
          aria-label={`Try versions of ${service.name} with a check`}
          onClick={() => view.setState({ dialog: { id: 'matrix', service: service.name } })}
        >
          Try…
        </Button>
      </div>
      {failed && <SwitchFailure service={service.name} failed={failed} onAgain={open} onForget={forget} />}
    </>
  );
}

function Words({
  menu,
  failure,
}: {
  readonly menu: VersionMenu | undefined;
  readonly failure: string | undefined;
}) {
  const now = useNow();
  if (failure !== undefined) return <span className="tone-fail cut">{failure}</span>;
  if (!menu) return <span className="faint">looking…</span>;
  const current = menu.offers.find((offer) => offer.inUse);
  const words = [
    menu.keepsData ? '' : 'keeps no data',
    current?.endOfLife && Date.parse(current.endOfLife) < now
      ? `end of life since ${monthOf(current.endOfLife)}`
      : '',
    newest(menu),
  ];
  return <span className="dim cut">{words.filter(Boolean).join(' · ')}</span>;
}

function newest(menu: VersionMenu): string {
  const [first] = menu.offers;
  return first && !first.inUse ? `newest here: ${first.tag}` : 'the newest there is';
}

/** The lane that was left last: one click, no question, since nothing is lost by it. */
function Back({
  menu,
  onBack,
}: {
  readonly menu: VersionMenu | undefined;
  readonly onBack: (to: string) => void;
}) {
  const now = useNow();
  const last = lastLeft(menu);
  if (!last?.lane) return <span />;
  return (
    <Button onClick={() => onBack(last.tag)} title={`Left ${describeAgo(now - last.lane.usedAt)}`}>
      Back to {last.tag}
    </Button>
  );
}
