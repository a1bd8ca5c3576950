import { systemClock } from '#base/clock.ts';
import type { Connection } from './connection.ts';
import { CoreConnection } from './coreConnection.ts';
import { portTransport } from './portTransport.ts';
import { socketTransport } from './socketTransport.ts';

/** As much of the page as decides how its core is reached. */
interface Page {
  readonly slipway?: unknown;
  readonly origin: string;
  readonly location: { readonly href: string };
  postMessage(message: string, targetOrigin: string, transfer: readonly unknown[]): void;
}

/** The page's one connection: ports where the desktop app's preload is, sockets elsewhere. Begins to connect at once. */
export function connect(): Connection {
  const page = globalThis as unknown as Page;
  const transport = page.slipway === undefined ? socketTransport(page.location.href) : portTransport(page);
  return new CoreConnection({ transport, clock: systemClock });
}
