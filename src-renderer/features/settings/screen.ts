import { Settings } from 'lucide-react';
import type { Screen } from '#state/registry.ts';
import { SettingsScreen } from './SettingsScreen.tsx';

export const settingsScreen: Screen = {
  id: 'settings',
  title: 'Settings',
  icon: Settings,
  hidden: true,
  Component: SettingsScreen,
};
