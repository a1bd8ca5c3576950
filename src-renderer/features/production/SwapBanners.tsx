import { FileDiff, ScrollText, SquareTerminal } from 'lucide-react';
import type { WorkspaceId } from '#contract/ids.ts';
import type { ServiceRecord } from '#contract/model.ts';
import { attempt, showBeside, showPane, showScreen } from '#state/actions.ts';
import { useServerShallow, useTimed, useWindow } from '#state/hooks.ts';
import { selectServices } from '#state/selectors.ts';
import { Button } from '#ui/Button.tsx';
import { leaseText } from './leaseText.ts';

/** What runs production's image now, for how long, and the way back. */
export function SwapBanners({ workspace }: { readonly workspace: WorkspaceId }) {
  const services = useServerShallow((state) => selectServices(state, workspace));
  return services.flatMap((service) =>
    service.swap ? <SwapBanner key={service.name} service={service} swap={service.swap} /> : [],
  );
}

interface Props {
  readonly service: ServiceRecord;
  readonly swap: NonNullable<ServiceRecord['swap']>;
}

export const LEASE_MS = 2 * 60 * 60 * 1000;

export function SwapBanner({ service, swap }: Props) {
  const model = useWindow();
  const { workspace, name } = service;
  const words = useTimed((now) => leaseText(swap.until, now));
  const back = () =>
    void attempt(
      model,
      `Bringing the local ${name} back`,
      model.client.production.unswap({ workspace, service: name }),
    );
  const longer = () =>
    void attempt(
      model,
      `More time for ${name}`,
      model.client.production.extendLease({ workspace, service: name, leaseMs: LEASE_MS }),
    );
  return (
    <div className="swap-banner" role="status">
      <div className="swap-line">
        <span className="swap-what">
          <b>{name}</b> runs production's <span className="mono">{swap.image}</span> · {words}
        </span>
        <span className="space" />
        {swap.until !== undefined && (
          <Button emphasis="quiet" onClick={longer}>
            2 h from now
          </Button>
        )}
        <Button emphasis="primary" onClick={back}>
          Back to local
        </Button>
      </div>
      <Debugging service={service} swap={swap} />
    </div>
  );
}

/** What one does with it while it is here. */
function Debugging({ service, swap }: Props) {
  const model = useWindow();
  const { workspace, name } = service;
  const { debug } = swap;
  const dialog = (id: string, input?: Readonly<Record<string, string>>) =>
    model.view.setState({ dialog: { id, service: name, ...(input ? { input } : {}) } });
  // Panes stand below the stack.
  const toPanes = () => {
    showScreen(model, workspace, 'stack');
    model.view.setState({ dialog: undefined });
  };
  const sideBySide = () => {
    showBeside(model, workspace, [
      { type: 'logs', services: [name], span: { untilMs: swap.since } },
      { type: 'logs', services: [name], span: { sinceMs: swap.since } },
    ]);
    toPanes();
  };
  const shell = () => {
    showPane(model, workspace, { type: 'terminal', service: name, kind: 'shell' });
    toPanes();
  };
  return (
    <div className="swap-line swap-tools">
      {debug?.title && (
        <span className="selectable">
          {debug.title} on <span className="mono">127.0.0.1:{debug.hostPort}</span>
        </span>
      )}
      {debug?.startByHand && (
        <span className="selectable swap-what">
          It sleeps. Start it by hand: <span className="mono">{debug.startByHand}</span>
        </span>
      )}
      <span className="space" />
      <Button emphasis="quiet" icon={SquareTerminal} onClick={shell}>
        Shell
      </Button>
      <Button emphasis="quiet" icon={ScrollText} onClick={sideBySide}>
        Logs before and after
      </Button>
      <Button emphasis="quiet" icon={FileDiff} onClick={() => dialog('containerChanges')}>
        Changed files
      </Button>
      <Button emphasis="quiet" onClick={() => dialog('swap', { again: 'yes' })}>
        Change…
      </Button>
    </div>
  );
}
