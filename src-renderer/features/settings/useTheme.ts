import { useLayoutEffect } from 'react';
import { useServer, useView, useWindow } from '#state/hooks.ts';
import { selectSettings } from '#state/selectors.ts';

/** Puts the theme on the page. What was chosen last is kept for the first picture, before the core answers. */
export function useTheme(): void {
  const { view } = useWindow();
  const told = useServer((state) => selectSettings(state)?.theme);
  const theme = useView((state) => state.theme);
  useLayoutEffect(() => {
    if (told) view.setState({ theme: told });
  }, [told, view]);
  useLayoutEffect(() => {
    const light = matchMedia('(prefers-color-scheme: light)');
    const apply = () => {
      const chosen = theme === 'system' ? (light.matches ? 'light' : 'dark') : theme;
      document.documentElement.dataset['theme'] = chosen;
    };
    apply();
    light.addEventListener('change', apply);
    return () => light.removeEventListener('change', apply);
  }, [theme]);
}
