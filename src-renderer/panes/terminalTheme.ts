import type { ITheme } from '@xterm/xterm';

/** The colours of a terminal, from the window's tokens as they are now. */
export function terminalTheme(): ITheme {
  const colour = tokenReader();
  return {
    background: colour('--sunken'),
    foreground: colour('--text'),
    cursor: colour('--accent'),
    cursorAccent: colour('--sunken'),
    selectionBackground: colour('--selection'),
    overviewRulerBorder: colour('--sunken'),
    scrollbarSliderBackground: colour('--line'),
    scrollbarSliderHoverBackground: colour('--line-strong'),
    scrollbarSliderActiveBackground: colour('--line-strong'),
    black: colour('--line-strong'),
    brightBlack: colour('--text-3'),
    white: colour('--text-2'),
    brightWhite: colour('--text'),
    red: colour('--fail'),
    brightRed: colour('--fail'),
    green: colour('--ok'),
    brightGreen: colour('--ok'),
    yellow: colour('--wait'),
    brightYellow: colour('--wait'),
    blue: colour('--blue'),
    brightBlue: colour('--blue'),
    magenta: colour('--info'),
    brightMagenta: colour('--pink'),
    cyan: colour('--accent'),
    brightCyan: colour('--teal'),
  };
}

/** The colours of matches in a search. They must be `#rrggbb`. */
export function searchColours() {
  const colour = tokenReader();
  return {
    matchBackground: colour('--match'),
    matchOverviewRuler: colour('--wait'),
    activeMatchBackground: colour('--match-active'),
    activeMatchColorOverviewRuler: colour('--accent'),
  };
}

/** Behind a line that somebody marked. It must be `#rrggbb`. */
export function markedBackground(): string {
  return tokenReader()('--selection');
}

/** Terminals take hexadecimal colours only; a canvas turns whatever a token holds into one. */
function tokenReader(): (token: string) => string {
  const styles = getComputedStyle(document.documentElement);
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  return (token) => {
    if (!context) return '#808080';
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = styles.getPropertyValue(token).trim();
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
    return `#${[red, green, blue].map((value) => value.toString(16).padStart(2, '0')).join('')}`;
  };
}

/** Calls when the page changes its theme. */
export function onThemeChange(listener: () => void): { dispose(): void } {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return { dispose: () => observer.disconnect() };
}
