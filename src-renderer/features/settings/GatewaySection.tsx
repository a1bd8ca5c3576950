import { useState } from 'react';
import { describeError } from '#contract/describe.ts';
import { GATEWAY_PORT, gatewayAddress } from '#contract/gatewayAddress.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { GatewayRecord } from '#contract/model.ts';
import { openLink } from '#state/actions.ts';
import { useServer, useServerShallow, useWindow, useWorkspace } from '#state/hooks.ts';
import { selectGateway, selectServices, selectSettings } from '#state/selectors.ts';
import { Field } from '#ui/Field.tsx';
import { Switch } from '#ui/Switch.tsx';
import { setGateway } from './gatewayActions.ts';

/** Whether the gateway listens, where, and what it leads to. */
export function GatewaySection({ workspace }: { readonly workspace: WorkspaceId }) {
  const model = useWindow();
  const status = useServer(selectGateway);
  const chosen = useServer((state) => selectSettings(state)?.gateway);
  const [typed, setTyped] = useState<string>();
  const port = typed ?? String(chosen?.port ?? GATEWAY_PORT);
  const on = status?.type === 'listening';
  const number = /^\d{1,5}$/.test(port) && Number(port) < 65_536 ? Number(port) : undefined;
  const apply = (next: boolean) => {
    setGateway(model, { on: next, port: number });
    setTyped(undefined);
  };
  return (
    <>
      <h2>Gateway</h2>
      <p className="settings-note">
        Every service with an HTTP port under one address, balanced over its ready replicas. It listens on
        this machine alone.
      </p>
      <div className="gateway-line">
        <Switch label="Listen" on={on} onChange={apply} />
        <form
          onSubmit={(event) => {
            event.preventDefault();
            apply(true);
          }}
        >
          <Field
            label="Port of the gateway"
            className="gateway-port"
            inputMode="numeric"
            value={port}
            aria-invalid={number === undefined}
            onChange={(event) => setTyped(event.target.value)}
          />
        </form>
        <GatewayWord status={status} />
      </div>
      {on && <Addresses workspace={workspace} port={status.port} />}
    </>
  );
}

function GatewayWord({ status }: { readonly status: GatewayRecord['status'] | undefined }) {
  if (status?.type === 'failed') return <span className="tone-fail">{describeError(status.error)}</span>;
  if (status?.type === 'listening') return <span className="faint">listens on port {status.port}</span>;
  return <span className="faint">off</span>;
}

interface AddressesProps {
  readonly workspace: WorkspaceId;
  readonly port: number;
}

function Addresses({ workspace, port }: AddressesProps) {
  const model = useWindow();
  const project = useWorkspace(workspace)?.name ?? '';
  const services = useServerShallow((state) => selectServices(state, workspace)).filter(
    ({ webPort, disabled }) => webPort !== undefined && !disabled,
  );
  if (services.length === 0)
    return <p className="settings-note">No service of {project} has an HTTP port.</p>;
  return (
    <ul className="gateway-addresses">
      {services.map(({ name }) => {
        const url = gatewayAddress({ service: name, project, port });
        return (
          <li key={name}>
            <a
              href={url}
              onClick={(event) => {
                event.preventDefault();
                openLink(model, url);
              }}
            >
              {url}
            </a>
          </li>
        );
      })}
    </ul>
  );
}
