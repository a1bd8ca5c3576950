import '@fontsource-variable/inter/index.css';
import '@fontsource-variable/jetbrains-mono/index.css';
import '#ui/tokens.css';
import '#ui/base.css';
import { createRoot } from 'react-dom/client';
import type { WindowModel } from '#state/windowModel.ts';
import { App } from './App.tsx';

/** Draws the window into the page. */
export function mount(model: WindowModel): void {
  const root = document.getElementById('root');
  if (!root) throw new Error('The page has no #root.');
  createRoot(root).render(<App model={model} />);
}
