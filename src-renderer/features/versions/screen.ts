import { GitCompareArrows } from 'lucide-react';
import type { Screen, ServiceAction } from '#state/registry.ts';
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
