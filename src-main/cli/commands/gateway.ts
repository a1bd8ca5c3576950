import { GATEWAY_PORT, gatewayAddress } from '#contract/gatewayAddress.ts';
import type { Action } from '../program.ts';
import { type Session, serviceRecords, withSession, workspaceRecord } from '../session.ts';

interface GatewayOptions {
  readonly port?: number;
}

/** `slipway gateway`: the project's services under one address, until Ctrl-C. */
export const gateway: Action<GatewayOptions> = (context, _args, options) =>
  withSession(context, 'engine', async (session) => {
    const port = await session.core.gateway.start(options.port ?? GATEWAY_PORT);
    const addresses = addressesOf(session, port);
    session.output.document({ port, services: addresses });
    for (const { service, url } of addresses) session.output.line(`${service}  ${url}`);
    session.output.note(
      addresses.length === 0
        ? 'No service of this project has an HTTP port. Ctrl-C ends the gateway.'
        : 'Ctrl-C ends the gateway.',
    );
    await aborted(session.signal);
    return 0;
  });

function addressesOf(session: Session, port: number): { service: string; url: string }[] {
  const project = workspaceRecord(session)?.name ?? '';
  return serviceRecords(session)
    .filter(({ webPort, disabled }) => webPort !== undefined && !disabled)
    .map(({ name }) => ({ service: name, url: gatewayAddress({ service: name, project, port }) }));
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
