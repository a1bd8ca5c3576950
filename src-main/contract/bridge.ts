/**
 * What the desktop app's preload gives its page, and all it ever will: requests and streams travel over ports, so this
 * does not grow with them. A browser has none of it.
 */
export interface Bridge {
  readonly platform: string;
  /** The system's folder dialog; undefined when the user cancelled it. */
  pickFolder(): Promise<string | undefined>;
  /** Where a dropped File lies; undefined for one that is not on disk. */
  pathForFile(file: object): string | undefined;
  /**
   * Folders that the app was started with, or started again with. One that came before the first listener is handed over
   * when it comes. Returns what ends the listening.
   */
  onOpenFolder(listener: (folder: string) => void): () => void;
  /** What was chosen in the application menu. */
  onCommand(listener: (command: MenuCommand) => void): () => void;
}

export const MENU_COMMANDS = ['openFolder', 'palette', 'settings'] as const;
export type MenuCommand = (typeof MENU_COMMANDS)[number];

/** The property of the page's global object. */
export const BRIDGE_NAME = 'slipway';

/** What the page posts to itself, with a port, for the preload to carry to the main process. */
export const PORT_MESSAGE = 'slipway:port';

/** The channels between preload and main process. */
export const CHANNELS = {
  port: 'slipway:port',
  pickFolder: 'slipway:pick-folder',
  ready: 'slipway:ready',
  openFolder: 'slipway:open-folder',
  command: 'slipway:command',
} as const;
