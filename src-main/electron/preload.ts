import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { BRIDGE_NAME, type Bridge, CHANNELS, MENU_COMMANDS, PORT_MESSAGE } from '#contract/bridge.ts';

/** As much of the page as a preload meets. It runs in a sandbox: no Node, and nothing of Electron but what is imported. */
interface PageWindow {
  addEventListener(type: 'message', listener: (event: PortEvent) => void): void;
}
type Ports = NonNullable<Parameters<typeof ipcRenderer.postMessage>[2]>;
interface PortEvent {
  readonly source: unknown;
  readonly data: unknown;
  readonly ports: Ports;
}

const page = globalThis as unknown as PageWindow;

// A port cannot cross the context bridge: the page posts it to its own window, where this hears it too.
page.addEventListener('message', (event) => {
  if (event.source !== page || event.data !== PORT_MESSAGE || event.ports.length !== 1) return;
  ipcRenderer.postMessage(CHANNELS.port, null, event.ports);
});

const bridge: Bridge = {
  platform: process.platform,
  pickFolder: () => ipcRenderer.invoke(CHANNELS.pickFolder),
  pathForFile: (file) => webUtils.getPathForFile(file as File) || undefined,
  onOpenFolder(listener) {
    const stop = listen(CHANNELS.openFolder, (folder) => listener(String(folder)));
    ipcRenderer.send(CHANNELS.ready);
    return stop;
  },
  onCommand: (listener) =>
    listen(CHANNELS.command, (name) => {
      const command = MENU_COMMANDS.find((known) => known === name);
      if (command) listener(command);
    }),
};

function listen(channel: string, listener: (value: unknown) => void): () => void {
  // The event itself stays here: it holds a way to every channel.
  const inner = (_event: unknown, value: unknown) => listener(value);
  ipcRenderer.on(channel, inner);
  return () => void ipcRenderer.off(channel, inner);
}

contextBridge.exposeInMainWorld(BRIDGE_NAME, bridge);
