import { type App, type Event, type Session, shell, type WebContents } from 'electron';
import { isOwnPage } from './appProtocol.ts';

/** What our own page may ask for: copying text on a click. Everything else is denied to everybody. */
const GRANTED = new Set(['clipboard-sanitized-write']);

/** A link opens outside only as the answer to a click or a key; what a page opens by itself comes later or never. */
const GESTURE_SPAN_MS = 1_000;

/** Every page that this app ever shows, ours included, can go nowhere and open nothing. */
export function hardenPages(app: App): void {
  app.on('web-contents-created', (_event, contents) => {
    const stay = (event: Event & { readonly url: string }) => {
      // Its own reload is the one navigation that a page of ours may begin.
      if (!isOwnPage(event.url) || !isOwnPage(contents.getURL())) event.preventDefault();
    };
    contents.on('will-navigate', stay);
    contents.on('will-frame-navigate', stay);
    contents.on('will-redirect', stay);
    contents.on('will-attach-webview', (event) => event.preventDefault());
    const touched = lastTouch(contents);
    contents.setWindowOpenHandler(({ url }) => {
      const asked = performance.now() - touched() < GESTURE_SPAN_MS && isOwnPage(contents.getURL());
      if (asked) void openInBrowser(url);
      return { action: 'deny' };
    });
  });
}

/** When the user last pressed something in this page, as the browser process saw it: a script cannot fake it. */
function lastTouch(contents: WebContents): () => number {
  let at = Number.NEGATIVE_INFINITY;
  contents.on('input-event', (_event, { type }) => {
    if (type === 'mouseUp' || type === 'keyDown' || type === 'rawKeyDown') at = performance.now();
  });
  return () => at;
}

/** No camera, no notifications, no devices; no downloads that a page starts by itself from elsewhere. */
export function hardenSession(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, allow) =>
    allow(isGranted(contents, permission)),
  );
  session.setPermissionCheckHandler((contents, permission) => isGranted(contents, permission));
  session.setDevicePermissionHandler(() => false);
}

function isGranted(contents: WebContents | null, permission: string): boolean {
  return GRANTED.has(permission) && isOwnPage(contents?.getURL());
}

/** A link of the page, opened outside. Only the web: another scheme can start any program that registered for it. */
export async function openInBrowser(address: string): Promise<void> {
  if (!URL.canParse(address)) return;
  const { protocol } = new URL(address);
  if (protocol === 'http:' || protocol === 'https:') await shell.openExternal(address);
}
