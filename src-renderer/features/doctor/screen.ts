import { Activity } from 'lucide-react';
import type { Screen } from '#state/registry.ts';
import { DoctorScreen } from './DoctorScreen.tsx';

export const doctorScreen: Screen = {
  id: 'doctor',
  title: 'Doctor',
  icon: Activity,
  Component: DoctorScreen,
};
