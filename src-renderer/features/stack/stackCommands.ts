import { PackageSearch, Variable } from 'lucide-react';
import type { CommandSource } from '#state/registry.ts';

/** What a project may need before its first boot. */
export const firstDayCommands: CommandSource = (model, workspace) =>
  workspace === undefined
    ? []
    : [
        {
          id: 'prerequisites',
          title: 'Look for what is missing…',
          group: 'Stack',
          icon: PackageSearch,
          words: 'external network volume file context first day',
          run: () => model.view.setState({ dialog: { id: 'prerequisites' } }),
        },
        {
          id: 'variables',
          title: 'Set missing variables…',
          group: 'Stack',
          icon: Variable,
          words: 'env dotenv environment',
          run: () => model.view.setState({ dialog: { id: 'variables' } }),
        },
      ];
