import type { WorkspaceId } from '#contract/ids.ts';
import type { ServiceRecord } from '#contract/model.ts';
import { attempt } from '#state/actions.ts';
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
      <span>
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
  );
}
