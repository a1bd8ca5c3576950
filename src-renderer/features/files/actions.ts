import { FolderTree, SquareTerminal } from 'lucide-react';
import type { CommandSource, ServiceAction } from '#state/registry.ts';

export const filesAction: ServiceAction = {
  id: 'files',
  title: 'Files',
  icon: FolderTree,
  keys: 'f',
  group: 'look',
  available: (service) => service.replicas.length > 0,
  run: (model, service) => model.view.setState({ dialog: { id: 'files', service: service.name } }),
};

/** One command in many services. */
export const manyCommands: CommandSource = (model, workspace) =>
  workspace === undefined
    ? []
    : [
        {
          id: 'execMany',
          title: 'Run a command in many services…',
          group: 'Stack',
          icon: SquareTerminal,
          words: 'exec all shell',
          run: () => model.view.setState({ dialog: { id: 'execMany' } }),
        },
      ];
