import path from 'node:path';
import { app, BrowserWindow, dialog, nativeTheme, screen } from 'electron';
import { APP_URL, isOwnPage } from './appProtocol.ts';
import { DEFAULT_SIZE, SMALLEST_SIZE, type WindowStateFile } from './windowState.ts';

/** A page that dies this often in a minute will die again: then the user is asked. */
const CRASH_LIMIT = 3;
const CRASH_SPAN_MS = 60_000;

/** The page behind the window before it has drawn anything; the two base colours of the theme. */
const BACKGROUND = { light: '#f3f5f7', dark: '#101317' };

/** Opens the one window where it was last, with everything shut that a page does not need. */
export function openWindow(states: WindowStateFile): BrowserWindow {
  const { bounds, maximized } = states.read(screen.getAllDisplays().map((display) => display.workArea));
  const window = new BrowserWindow({
    ...DEFAULT_SIZE,
    ...bounds,
    minWidth: SMALLEST_SIZE.width,
    minHeight: SMALLEST_SIZE.height,
    show: false,
    title: 'Slipway',
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: {
      preload: path.join(import.meta.dirname, 'preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  if (maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => {
    states.write({ bounds: window.getNormalBounds(), maximized: window.isMaximized() });
  });
  reloadAfterCrash(window);
  // A blank page is the one navigation that Chromium begins without asking (`will-navigate`).
  window.webContents.on('did-navigate', (_event, address) => {
    if (!isOwnPage(address)) void window.loadURL(APP_URL);
  });
  void window.loadURL(APP_URL);
  return window;
}

/** The core lives on when the page dies: a new page finds everything as it was. */
function reloadAfterCrash(window: BrowserWindow): void {
  let crashes: number[] = [];
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    const now = performance.now();
    crashes = [...crashes.filter((at) => now - at < CRASH_SPAN_MS), now];
    if (crashes.length < CRASH_LIMIT || askToReload(window, reason)) window.webContents.reload();
    else app.quit();
  });
}

function askToReload(window: BrowserWindow, reason: string): boolean {
  const choice = dialog.showMessageBoxSync(window, {
    type: 'error',
    message: 'The window of Slipway keeps crashing.',
    detail: `Reason: ${reason}. Your containers are not affected.`,
    buttons: ['Reload', 'Quit'],
  });
  return choice === 0;
}
