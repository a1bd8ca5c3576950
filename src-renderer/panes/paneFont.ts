import type { ViewStore } from '#state/viewStore.ts';
import { FONT_PX } from './screen.ts';

/** In pixels: smaller cannot be read, larger leaves no room for a line. */
const MIN_PX = 8;
const MAX_PX = 28;

/** Larger or smaller letters in all panes; 0 is the usual size. */
export function changeFont(view: ViewStore, by: -1 | 0 | 1): void {
  const now = view.getState().paneFontPx ?? FONT_PX;
  view.setState({ paneFontPx: by === 0 ? undefined : Math.min(MAX_PX, Math.max(MIN_PX, now + by)) });
}
