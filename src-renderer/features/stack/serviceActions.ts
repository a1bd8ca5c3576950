import {
  CirclePause,
  CirclePlay,
  Download,
  FileCode,
  Hammer,
  Play,
  RotateCw,
  ScanSearch,
  ScrollText,
  Square,
  Terminal,
} from 'lucide-react';
import type { ServiceRecord } from '#contract/model.ts';
import { attempt, boot, restart, showPane, stop } from '#state/actions.ts';
import type { ServiceAction } from '#state/registry.ts';

/** A migration or a seed that has done its work: it runs again only when somebody says so. */
function isDone({ status }: ServiceRecord): boolean {
  return status.type === 'done';
}

const isUp = (service: ServiceRecord) => service.replicas.some((replica) => replica.state === 'running');
const exists = (service: ServiceRecord) => service.replicas.length > 0;

/** What can be done with any service, in the order of its menu. */
export const serviceActions: readonly ServiceAction[] = [
  {
    id: 'logs',
    title: 'Logs',
    icon: ScrollText,
    keys: 'enter',
    group: 'panes',
    available: () => true,
    run: (model, service) => showPane(model, service.workspace, { type: 'logs', services: [service.name] }),
  },
  {
    id: 'shell',
    title: 'Shell',
    icon: Terminal,
    keys: 's',
    group: 'panes',
    available: isUp,
    run: (model, service) =>
      showPane(model, service.workspace, { type: 'terminal', service: service.name, kind: 'shell' }),
  },
  {
    id: 'start',
    title: 'Start',
    icon: Play,
    keys: 'b',
    group: 'state',
    available: (service) => !isUp(service) && !isDone(service),
    run: (model, service) => boot(model, service.workspace, [service.name]),
  },
  {
    id: 'rerun',
    title: 'Run again',
    icon: Play,
    keys: 'b',
    group: 'state',
    available: isDone,
    run: (model, { workspace, name }) =>
      void attempt(model, `Running ${name}`, model.client.stack.start({ workspace, services: [name] })),
  },
  {
    id: 'restart',
    title: 'Restart',
    icon: RotateCw,
    keys: 'r',
    group: 'state',
    available: exists,
    run: (model, service) => restart(model, service.workspace, [service.name]),
  },
  {
    id: 'stop',
    title: 'Stop',
    icon: Square,
    keys: 'x',
    group: 'state',
    available: isUp,
    run: (model, service) => stop(model, service.workspace, [service.name]),
  },
  {
    id: 'pause',
    title: 'Pause',
    icon: CirclePause,
    group: 'state',
    available: (service) => isUp(service) && service.status.type !== 'paused',
    run: (model, { workspace, name }) =>
      void attempt(model, `Pausing ${name}`, model.client.stack.pause({ workspace, service: name })),
  },
  {
    id: 'unpause',
    title: 'Go on',
    icon: CirclePlay,
    group: 'state',
    available: (service) => service.status.type === 'paused',
    run: (model, { workspace, name }) =>
      void attempt(model, `Going on with ${name}`, model.client.stack.unpause({ workspace, service: name })),
  },
  {
    id: 'build',
    title: 'Build again',
    icon: Hammer,
    group: 'version',
    available: (service) => service.built,
    run: (model, { workspace, name }) =>
      void attempt(model, `Building ${name}`, model.client.stack.build({ workspace, services: [name] })),
  },
  {
    id: 'pull',
    title: 'Pull the image',
    icon: Download,
    group: 'version',
    available: (service) => !service.built,
    run: (model, { workspace, name }) =>
      void attempt(model, `Pulling ${name}`, model.client.stack.pull({ workspace, services: [name] })),
  },
  {
    id: 'definition',
    title: 'Show its part of the file',
    icon: FileCode,
    keys: 'd',
    group: 'look',
    available: () => true,
    run: (model, service) => model.view.setState({ dialog: { id: 'definition', service: service.name } }),
  },
  {
    id: 'inspect',
    title: 'Inspect',
    icon: ScanSearch,
    keys: 'i',
    group: 'look',
    available: exists,
    run: (model, service) => model.view.setState({ dialog: { id: 'inspect', service: service.name } }),
  },
];
