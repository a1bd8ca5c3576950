import { isKind } from '#contract/errors.ts';
import type { ServedCore } from '#serve/servedCore.ts';
import { startWebHost, type WebHost } from './host.ts';
import { isLoopback } from './hosts.ts';
import { rendererFolder } from './rendererFolder.ts';

/** Asked for first when the user names no port, so that the address stays the same from day to day. */
const USUAL_PORT = 4477;

export const LOOPBACK_HOST = '127.0.0.1';

export interface ServeOptions {
  /** Stays the caller's to dispose. */
  readonly core: ServedCore;
  /** Absent: the usual one, or any free one where that is taken. */
  readonly port?: number | undefined;
  /** Absent: 127.0.0.1. Anything that is not loopback is warned about. */
  readonly host?: string | undefined;
  /** The built window; absent: where this Slipway's own lies. */
  readonly rendererDir?: string | undefined;
  /** Ends the server. */
  readonly signal: AbortSignal;
  /** Called once, when the address answers. */
  readonly onReady: (url: string) => void | Promise<void>;
  readonly onWarning: (text: string) => void;
}

/** `slipway serve`: resolves when `signal` has aborted and every connection is closed. Rejects with `port.inUse`. */
export async function runServe(options: ServeOptions): Promise<void> {
  const host = options.host ?? LOOPBACK_HOST;
  if (!isLoopback(host)) options.onWarning(exposureWarning(host));
  const web = await startOnSomePort(options, host);
  try {
    await options.onReady(web.url);
    await aborted(options.signal);
  } finally {
    await web.close();
  }
}

async function startOnSomePort(options: ServeOptions, host: string): Promise<WebHost> {
  const rendererDir = options.rendererDir ?? rendererFolder();
  const start = (port: number) => startWebHost({ core: options.core, host, port, rendererDir });
  if (options.port !== undefined) return start(options.port);
  try {
    return await start(USUAL_PORT);
  } catch (thrown) {
    if (isKind(thrown, 'port.inUse')) return start(0); // nobody asked for this one
    throw thrown;
  }
}

/** Whoever has the address owns the engine, and with it the machine. */
function exposureWarning(host: string): string {
  return (
    `Listening on ${host}, beyond this machine: whoever gets the printed address controls Docker here, and plain HTTP ` +
    'shows it to everybody on the way. An SSH tunnel to 127.0.0.1 is safer.'
  );
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
