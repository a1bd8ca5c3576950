import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '#contract/bridge.ts';

/** The application menu. `send` hands a choice to the window, which knows what to do. */
export function installMenu(platform: NodeJS.Platform, send: (command: MenuCommand) => void): void {
  const mac = platform === 'darwin';
  const menus: MenuItemConstructorOptions[] = [
    ...(mac ? [{ role: 'appMenu' } as const] : []),
    {
      label: 'File',
      submenu: [
        { label: 'Open Folder…', accelerator: 'CmdOrCtrl+O', click: () => send('openFolder') },
        { type: 'separator' },
        { label: 'Settings', ...shown('CmdOrCtrl+,'), click: () => send('settings') },
        { type: 'separator' },
        mac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    { label: 'View', submenu: viewItems(send) },
    { role: 'windowMenu' },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(menus));
}

function viewItems(send: (command: MenuCommand) => void): MenuItemConstructorOptions[] {
  return [
    { label: 'Command Palette…', ...shown('CmdOrCtrl+K'), click: () => send('palette') },
    { type: 'separator' },
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { role: 'togglefullscreen' },
    { type: 'separator' },
    // No accelerator: Ctrl+R searches the history in every shell.
    { label: 'Reload Window', role: 'reload', accelerator: '' },
    { role: 'toggleDevTools' },
  ];
}

/** A key that the window itself listens to, shown in the menu but left to the window. */
function shown(accelerator: string): MenuItemConstructorOptions {
  return { accelerator, registerAccelerator: false };
}
