import { statSync } from 'node:fs';
import path from 'node:path';
import { app, type BrowserWindow, dialog, session } from 'electron';
import { systemFolders } from '#app/folders.ts';
import { toAppError } from '#contract/errors.ts';
import { registerAppScheme, serveApp } from './appProtocol.ts';
import { startCoreProcess } from './coreProcess.ts';
import { folderArgument } from './folderArgument.ts';
import { hardenPages, hardenSession, openInBrowser } from './harden.ts';
import { installMenu } from './menu.ts';
import { openWindow } from './window.ts';
import { linkWindow } from './windowLink.ts';
import { WindowStateFile } from './windowState.ts';

/** What a second start tells the first. */
interface SecondStart {
  readonly folder?: string | undefined;
}

const folder = folderArgument(process.argv, { cwd: process.cwd(), fromSource: process.defaultApp === true });

registerAppScheme();
if (app.requestSingleInstanceLock({ folder } satisfies SecondStart)) start().catch(failToStart);
else app.quit();

/** An app without a window would stay for ever and hold the lock. */
function failToStart(thrown: unknown): void {
  const { message, hint } = toAppError(thrown);
  dialog.showErrorBox('Slipway cannot start', hint === undefined ? message : `${message}\n\n${hint}`);
  app.exit(1);
}

/** The desktop app: one core, in a process of its own, and one window. */
async function start(): Promise<void> {
  hardenPages(app);
  await app.whenReady();
  hardenSession(session.defaultSession);
  serveApp(session.defaultSession.protocol, path.join(import.meta.dirname, '..', 'renderer'));

  const core = startCoreProcess({
    entry: path.join(import.meta.dirname, 'core.js'),
    openExternal: openInBrowser,
    onLost: () => failToStart(new Error('Its core ended again and again. Your containers are not affected.')),
  });
  const states = new WindowStateFile(systemFolders(process.env).config);
  let window: BrowserWindow | undefined;
  const link = linkWindow(
    () => window,
    (port) => core.accept(port),
  );
  const show = () => {
    window ??= open();
    if (window.isMinimized()) window.restore();
    window.focus();
  };
  const open = () => {
    const opened = openWindow(states);
    opened.once('closed', () => {
      window = undefined;
    });
    return opened;
  };
  app.on('second-instance', (_event, _argv, _cwd, given) => {
    show();
    openIfFolder((given as SecondStart).folder);
  });
  // macOS: a folder dropped on the icon, and a click on it while no window is open.
  app.on('open-file', (_event, file) => openIfFolder(file));
  app.on('activate', show);
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  stopBeforeQuit(() => core.stop());
  installMenu(process.platform, (command) => {
    show();
    link.command(command);
  });
  window = open();
  openIfFolder(folder);

  function openIfFolder(given: string | undefined): void {
    if (given !== undefined && statSync(given, { throwIfNoEntry: false })) link.openFolder(given);
  }
}

/** Electron does not wait for promises at its end: so the end is put off once, until the core has let go. */
function stopBeforeQuit(stop: () => Promise<void>): void {
  let state: 'running' | 'stopping' | 'stopped' = 'running';
  app.on('will-quit', (event) => {
    if (state === 'stopped') return;
    event.preventDefault();
    if (state === 'stopping') return;
    state = 'stopping';
    void stop().finally(() => {
      state = 'stopped';
      app.exit(0);
    });
  });
}
