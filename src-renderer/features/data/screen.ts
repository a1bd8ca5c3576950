import { Camera, Database, RotateCcw } from 'lucide-react';
import type { Screen, ServiceAction } from '#state/registry.ts';
import { DataScreen } from './DataScreen.tsx';
import { reset } from './dataActions.ts';

export const dataScreen: Screen = { id: 'data', title: 'Data', icon: Database, Component: DataScreen };

export const dataActions: readonly ServiceAction[] = [
  {
    id: 'takeCheckpoint',
    title: 'Take a checkpoint of its data…',
    icon: Camera,
    group: 'version',
    available: (service) => service.middleware !== undefined,
    run: (model, { name }) => model.view.setState({ dialog: { id: 'takeCheckpoint', service: name } }),
  },
  {
    id: 'resetData',
    title: 'Reset its data to the seed…',
    icon: RotateCcw,
    group: 'remove',
    look: 'danger',
    available: (service) => service.middleware !== undefined,
    run: (model, { workspace, name }) => reset(model, workspace, { service: name }),
  },
];
