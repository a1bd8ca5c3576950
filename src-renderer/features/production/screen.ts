import { FileDiff, GitCompareArrows, Package, PackageOpen, Shield, Undo2 } from 'lucide-react';
import type { WorkspaceId } from '#contract/ids.ts';
import { attempt } from '#state/actions.ts';
import { useServerShallow } from '#state/hooks.ts';
import type { CommandSource, Screen, ServiceAction } from '#state/registry.ts';
import { selectServices } from '#state/selectors.ts';
import { ProductionScreen } from './ProductionScreen.tsx';

export const productionScreen: Screen = {
  id: 'production',
  title: 'Production',
  icon: Shield,
  useBadge: useApart,
  Component: ProductionScreen,
};

/** How many services run something else than production does, as it was seen last; else how many run production's image. */
function useApart(workspace: WorkspaceId): { text: string; tone?: 'wait' } | undefined {
  const services = useServerShallow((state) => selectServices(state, workspace));
  const apart = services.filter((service) => service.apart !== undefined).length;
  const swapped = services.filter(({ swap }) => swap).length;
  if (apart > 0) return { text: `${apart} apart`, tone: 'wait' };
  return swapped === 0 ? undefined : { text: `${swapped} here`, tone: 'wait' };
}

export const swapAction: ServiceAction = {
  id: 'swap',
  title: 'Run the production image here…',
  icon: Shield,
  keys: 'p',
  group: 'version',
  available: (service) => !service.swap && !service.disabled,
  run: (model, service) => model.view.setState({ dialog: { id: 'swap', service: service.name } }),
};

export const unswapAction: ServiceAction = {
  id: 'unswap',
  title: 'Back to the local image',
  icon: Undo2,
  keys: 'p',
  group: 'version',
  available: (service) => service.swap !== undefined,
  run: (model, { workspace, name }) =>
    void attempt(
      model,
      `Bringing the local ${name} back`,
      model.client.production.unswap({ workspace, service: name }),
    ),
};

export const changesAction: ServiceAction = {
  id: 'containerChanges',
  title: 'Files changed in the container',
  icon: FileDiff,
  group: 'look',
  available: (service) => service.replicas.length > 0,
  run: (model, service) => model.view.setState({ dialog: { id: 'containerChanges', service: service.name } }),
};

export const compareAction: ServiceAction = {
  id: 'compareImages',
  title: 'Compare its image with another…',
  icon: GitCompareArrows,
  group: 'version',
  available: (service) => !service.disabled,
  run: (model, service) => model.view.setState({ dialog: { id: 'compareImages', service: service.name } }),
};

/** What is shared with colleagues. */
export const shareCommands: CommandSource = (model, workspace) =>
  workspace === undefined
    ? []
    : [
        {
          id: 'pack',
          title: 'Make a reproduction pack…',
          group: 'Stack',
          icon: Package,
          words: 'share colleague bug export',
          run: () => model.view.setState({ dialog: { id: 'pack' } }),
        },
        {
          id: 'openPack',
          title: 'Open a reproduction pack…',
          group: 'Stack',
          icon: PackageOpen,
          words: 'share colleague import unpack',
          run: () => model.view.setState({ dialog: { id: 'openPack' } }),
        },
        {
          id: 'compareImages',
          title: 'Compare two images…',
          group: 'Stack',
          icon: GitCompareArrows,
          words: 'diff layers production',
          run: () => model.view.setState({ dialog: { id: 'compareImages' } }),
        },
      ];
