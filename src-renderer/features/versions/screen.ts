import { FlaskConical, GitCompareArrows, ListChecks, ListRestart } from 'lucide-react';
import { attempt } from '#state/actions.ts';
import type { CommandSource, Screen, ServiceAction } from '#state/registry.ts';
import { VersionsScreen } from './VersionsScreen.tsx';

export const versionsScreen: Screen = {
  id: 'versions',
  title: 'Versions',
  icon: GitCompareArrows,
  Component: VersionsScreen,
};

export const switchAction: ServiceAction = {
  id: 'switchVersion',
  title: 'Switch the version…',
  icon: GitCompareArrows,
  keys: 'v',
  group: 'version',
  available: (service) => service.middleware !== undefined && !service.swap,
  run: (model, service) => model.view.setState({ dialog: { id: 'switchVersion', service: service.name } }),
};

export const matrixAction: ServiceAction = {
  id: 'matrix',
  title: 'Try versions with a check…',
  icon: FlaskConical,
  group: 'version',
  available: (service) => service.middleware !== undefined && !service.swap,
  run: (model, service) => model.view.setState({ dialog: { id: 'matrix', service: service.name } }),
};

export const reindexAction: ServiceAction = {
  id: 'reindex',
  title: 'Rebuild its text indexes',
  icon: ListRestart,
  group: 'version',
  available: ({ middleware, status }) => middleware?.product === 'postgres' && status.type === 'running',
  run: (model, { workspace, name }) =>
    void attempt(model, 'Rebuilding indexes', model.client.versions.reindex({ workspace, service: name })),
};

export const versionCommands: CommandSource = (model, workspace) =>
  workspace === undefined
    ? []
    : [
        {
          id: 'switchMany',
          title: 'Switch several services…',
          group: 'Versions',
          icon: ListChecks,
          words: 'all as production version upgrade',
          run: () => model.view.setState({ dialog: { id: 'switchMany' } }),
        },
      ];
