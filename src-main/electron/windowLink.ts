import {
  BrowserWindow,
  dialog,
  type IpcMainEvent,
  type IpcMainInvokeEvent,
  ipcMain,
  type MessagePortMain,
} from 'electron';
import { CHANNELS, type MenuCommand } from '#contract/bridge.ts';
import { isOwnPage } from './appProtocol.ts';

/** What goes between the main process and the page beside ports. */
export interface WindowLink {
  /** Handed to the page at once, or as soon as it listens. */
  openFolder(folder: string): void;
  command(command: MenuCommand): void;
}

/** Listens to our own page, and to nobody else. */
export function linkWindow(
  window: () => BrowserWindow | undefined,
  accept: (port: MessagePortMain) => void,
): WindowLink {
  let early: string[] = [];
  let ready = false;
  const send = (channel: string, value: string) => window()?.webContents.send(channel, value);

  ipcMain.on(CHANNELS.port, (event) => {
    if (isFromOurPage(event)) for (const port of event.ports) accept(port);
  });
  ipcMain.on(CHANNELS.ready, (event) => {
    if (!isFromOurPage(event)) return;
    ready = true;
    for (const folder of early.splice(0)) send(CHANNELS.openFolder, folder);
    // A page that was loaded again says ready again; until then nobody listens.
    event.sender.once('did-start-loading', () => {
      ready = false;
    });
  });
  ipcMain.handle(CHANNELS.pickFolder, (event) => (isFromOurPage(event) ? pickFolder(event) : undefined));

  return {
    openFolder(folder) {
      if (ready) send(CHANNELS.openFolder, folder);
      else early = [folder];
    },
    command: (command) => void send(CHANNELS.command, command),
  };
}

/** The top frame of a page of ours: a frame inside it, or a page that got there by whatever way, is not. */
function isFromOurPage({ senderFrame }: IpcMainEvent | IpcMainInvokeEvent): boolean {
  return senderFrame !== null && senderFrame.parent === null && isOwnPage(senderFrame.url);
}

async function pickFolder({ sender }: IpcMainInvokeEvent): Promise<string | undefined> {
  const owner = BrowserWindow.fromWebContents(sender);
  if (owner === null) return undefined;
  const { filePaths } = await dialog.showOpenDialog(owner, {
    title: 'Open a folder with a compose file',
    properties: ['openDirectory'],
  });
  return filePaths[0];
}
