import { Cable, Database, SquareTerminal } from 'lucide-react';
import type { ServiceRecord } from '#contract/model.ts';
import { showPane } from '#state/actions.ts';
import type { ServiceAction } from '#state/registry.ts';

const isUp = (service: ServiceRecord) => service.replicas.some((replica) => replica.state === 'running');

/** Beside the plain shell: the product's own client, process 1 itself, and a shell as somebody wants it. */
export const terminalActions: readonly ServiceAction[] = [
  {
    id: 'client',
    title: 'Client',
    icon: Database,
    keys: 'c',
    group: 'panes',
    available: (service) => isUp(service) && service.hasClient === true,
    run: (model, { workspace, name }) =>
      showPane(model, workspace, { type: 'terminal', service: name, kind: 'client' }),
  },
  {
    id: 'attach',
    title: 'Attach to process 1',
    icon: Cable,
    group: 'panes',
    available: (service) => isUp(service) && service.readsInput === true,
    run: (model, { workspace, name }) =>
      showPane(model, workspace, { type: 'terminal', service: name, kind: 'attach' }),
  },
  {
    id: 'shellAs',
    title: 'Shell as…',
    icon: SquareTerminal,
    group: 'panes',
    available: isUp,
    run: (model, service) => model.view.setState({ dialog: { id: 'shellAs', service: service.name } }),
  },
];
