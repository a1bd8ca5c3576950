import { Eye, EyeOff, Hammer, Minus, Plus, RefreshCcwDot } from 'lucide-react';
import type { ServiceRecord } from '#contract/model.ts';
import { attempt } from '#state/actions.ts';
import type { Screen, ServiceAction } from '#state/registry.ts';
import type { WindowModel } from '#state/windowModel.ts';
import { BuildsScreen } from './BuildsScreen.tsx';
import { replace } from './replace.ts';

export const buildsScreen: Screen = { id: 'builds', title: 'Builds', icon: Hammer, Component: BuildsScreen };

const isUp = (service: ServiceRecord) => service.replicas.some(({ state }) => state === 'running');

/** What one does in the loop of edit, build, look. */
export const buildActions: readonly ServiceAction[] = [
  {
    id: 'replace',
    title: 'Build and replace',
    icon: RefreshCcwDot,
    keys: 'u',
    group: 'version',
    available: (service) => service.built && isUp(service),
    run: (model, service) => replace(model, service),
  },
  {
    id: 'watch',
    title: 'Watch its files',
    icon: Eye,
    keys: 'w',
    group: 'version',
    available: (service) => service.watching === undefined && isUp(service),
    run: (model, { workspace, name }) =>
      void attempt(model, `Watching ${name}`, model.client.watch.start({ workspace, services: [name] })),
  },
  {
    id: 'unwatch',
    title: 'Stop watching',
    icon: EyeOff,
    keys: 'w',
    group: 'version',
    available: (service) => service.watching !== undefined,
    run: (model, { workspace, name }) =>
      void attempt(model, `Watching ${name}`, model.client.watch.stop({ workspace, services: [name] })),
  },
  {
    id: 'scaleUp',
    title: 'One replica more',
    icon: Plus,
    keys: '+',
    group: 'state',
    available: (service) => isUp(service) && !service.oneShot,
    run: (model, service) => scale(model, service, service.replicas.length + 1),
  },
  {
    id: 'scaleDown',
    title: 'One replica fewer',
    icon: Minus,
    keys: '-',
    group: 'state',
    available: (service) => service.replicas.length > 1,
    run: (model, service) => scale(model, service, service.replicas.length - 1),
  },
];

function scale(model: WindowModel, { workspace, name }: ServiceRecord, replicas: number): void {
  void attempt(model, `Scaling ${name}`, model.client.stack.scale({ workspace, service: name, replicas }));
}
