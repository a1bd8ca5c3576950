import { Shield, Undo2 } from 'lucide-react';
import type { WorkspaceId } from '#contract/ids.ts';
import { attempt } from '#state/actions.ts';
import { useServerShallow } from '#state/hooks.ts';
import type { Screen, ServiceAction } from '#state/registry.ts';
import { selectServices } from '#state/selectors.ts';
import { ProductionScreen } from './ProductionScreen.tsx';

export const productionScreen: Screen = {
  id: 'production',
  title: 'Production',
  icon: Shield,
  useBadge: useSwapped,
  Component: ProductionScreen,
};

/** How many services run production's image now. */
function useSwapped(workspace: WorkspaceId): { text: string; tone?: 'wait' } | undefined {
  const swapped = useServerShallow((state) => selectServices(state, workspace)).filter(({ swap }) => swap);
  return swapped.length === 0 ? undefined : { text: `${swapped.length} here`, tone: 'wait' };
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
