import { Layers } from 'lucide-react';
import { useWorkspace } from '#state/hooks.ts';
import type { Screen } from '#state/registry.ts';
import { StackScreen } from './StackScreen.tsx';

export const stackScreen: Screen = {
  id: 'stack',
  title: 'Stack',
  icon: Layers,
  withDock: true,
  useBadge: (workspace) => {
    const count = useWorkspace(workspace)?.services.length ?? 0;
    return count > 0 ? { text: String(count) } : undefined;
  },
  Component: StackScreen,
};
