import { ChartNoAxesGantt } from 'lucide-react';
import { describeTook } from '#contract/describe.ts';
import { useWorkspace } from '#state/hooks.ts';
import type { Screen } from '#state/registry.ts';
import { BootScreen } from './BootScreen.tsx';

export const bootScreen: Screen = {
  id: 'boot',
  title: 'Boot',
  icon: ChartNoAxesGantt,
  useBadge: (workspace) => {
    const boot = useWorkspace(workspace)?.lastBoot;
    if (!boot) return undefined;
    return boot.outcome === 'done'
      ? { text: describeTook(boot.totalMs) }
      : { text: boot.outcome, ...(boot.outcome === 'failed' ? { tone: 'fail' as const } : {}) };
  },
  Component: BootScreen,
};
