import { Waypoints } from 'lucide-react';
import { gatewayAddress } from '#contract/gatewayAddress.ts';
import type { ServiceRecord } from '#contract/model.ts';
import { attempt, openLink } from '#state/actions.ts';
import type { CommandSource, ServiceAction } from '#state/registry.ts';
import { selectGateway, selectWorkspace } from '#state/selectors.ts';
import type { WindowModel } from '#state/windowModel.ts';

/** Turns the gateway on or off; a taken port is said in the corner and beside the switch. */
export function setGateway(
  model: WindowModel,
  wish: { readonly on: boolean; readonly port?: number | undefined },
): void {
  const { on, port } = wish;
  const input = port === undefined ? { on } : { on, port };
  const what = on ? 'Starting the gateway' : 'Stopping the gateway';
  void attempt(model, what, model.client.app.setGateway(input));
}

export const gatewayCommands: CommandSource = (model) => {
  const on = selectGateway(model.server.getState())?.type === 'listening';
  return [
    {
      id: 'gateway',
      title: on ? 'Turn the gateway off' : 'Turn the gateway on',
      group: 'Settings',
      icon: Waypoints,
      words: 'proxy localhost address http',
      run: () => setGateway(model, { on: !on }),
    },
  ];
};

/** The service in the browser, under its own name. */
export const gatewayAction: ServiceAction = {
  id: 'gateway',
  title: 'Open through the gateway',
  icon: Waypoints,
  keys: 'g',
  group: 'look',
  available: ({ webPort, disabled }) => webPort !== undefined && !disabled,
  run: open,
};

function open(model: WindowModel, { workspace, name }: ServiceRecord): void {
  const state = model.server.getState();
  const gateway = selectGateway(state);
  const project = selectWorkspace(state, workspace)?.name;
  if (gateway?.type === 'listening' && project !== undefined) {
    openLink(model, gatewayAddress({ service: name, project, port: gateway.port }));
    return;
  }
  model.notices.add({
    tone: 'wait',
    title: 'The gateway is off',
    detail: 'It gives every service an address of its own on this machine.',
    action: { label: 'Turn it on', run: () => setGateway(model, { on: true }) },
  });
}
