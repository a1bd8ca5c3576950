import { MemoryStick } from 'lucide-react';
import { useServer } from '#state/hooks.ts';
import type { Screen } from '#state/registry.ts';
import { selectServices } from '#state/selectors.ts';
import { MemoryScreen } from './MemoryScreen.tsx';

export const memoryScreen: Screen = {
  id: 'memory',
  title: 'Memory',
  icon: MemoryStick,
  useBadge: (workspace) => {
    const kills = useServer((state) =>
      selectServices(state, workspace).reduce((sum, { memory }) => sum + (memory?.oomKills ?? 0), 0),
    );
    return kills > 0 ? { text: String(kills), tone: 'fail' } : undefined;
  },
  Component: MemoryScreen,
};
