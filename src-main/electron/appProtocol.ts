import { type Protocol, protocol } from 'electron';
import { pageHeaders } from '#serve/contentSecurity.ts';
import { readRendererFile } from '#serve/rendererFiles.ts';

const SCHEME = 'slipway';
const HOST = 'app';

/** Where the window lives: an origin of its own, unlike `file:`, which shares one with every file on the disk. */
export const APP_URL = `${SCHEME}://${HOST}/index.html`;

/** Must be called before the app is ready. */
export function registerAppScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, codeCache: true };
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges }]);
}

/** Serves the built window, and nothing else, under the scheme. */
export function serveApp(target: Protocol, rendererDir: string): void {
  target.handle(SCHEME, async (request) => {
    const { host, pathname } = new URL(request.url);
    if (host !== HOST || request.method !== 'GET') return new Response(null, { status: 403 });
    const file = await readRendererFile(rendererDir, pathname);
    if (file === undefined) return new Response(null, { status: 404 });
    return new Response(file.bytes, { headers: { ...pageHeaders({ connect: [] }), ...file.headers } });
  });
}

/** Is this address a page of ours? */
export function isOwnPage(address: string | undefined): boolean {
  if (address === undefined || !URL.canParse(address)) return false;
  const { protocol: scheme, host } = new URL(address);
  return scheme === `${SCHEME}:` && host === HOST;
}
