import { BRIDGE_NAME, type Bridge } from '#contract/bridge.ts';

/** What the desktop app can do that a page cannot; undefined in a browser. */
export function desktopBridge(): Bridge | undefined {
  return (globalThis as { readonly [BRIDGE_NAME]?: Bridge })[BRIDGE_NAME];
}
