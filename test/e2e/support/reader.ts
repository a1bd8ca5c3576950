import { WebSocket } from 'ws';
import { systemClock } from '#base/clock.ts';
import { Pipe } from '#base/messagePipe.ts';
import type { Connection } from '../../../src-renderer/client/connection.ts';
import { CoreConnection } from '../../../src-renderer/client/coreConnection.ts';

/** What a visitor of `slipway serve` has after the first page. */
export interface Admission {
  readonly origin: string;
  readonly cookie: string;
  /** Below it lies the window. */
  readonly folder: string;
}

/** Trades the token for the cookie, as a browser does. */
export async function admit(url: string): Promise<Admission> {
  const response = await fetch(url);
  const cookie = response.headers.get('set-cookie')?.split(';')[0];
  const folder = /url=([^"]+)"/.exec(await response.text())?.[1];
  if (cookie === undefined || folder === undefined) throw new Error(`No admission: ${response.status}`);
  return { origin: new URL(url).origin, cookie, folder };
}

/** A second reader of the same core, beside the window. */
export async function connectReader(url: string): Promise<Connection> {
  const { origin, cookie, folder } = await admit(url);
  const address = `${origin.replace('http', 'ws')}${folder}socket`;
  const open = () => {
    const socket = new WebSocket(address, { headers: { cookie, origin } });
    const early: (string | Uint8Array)[] = [];
    const pipe = new Pipe({
      post: (message) =>
        void (socket.readyState === WebSocket.OPEN ? socket.send(message) : early.push(message)),
      shut: () => socket.close(),
    });
    socket.on('open', () => early.splice(0).forEach((message) => void socket.send(message)));
    socket.on('message', (data, isBinary) => pipe.receive(isBinary ? (data as Buffer) : String(data)));
    socket.on('error', () => pipe.end());
    socket.on('close', () => pipe.end());
    return pipe;
  };
  return new CoreConnection({ transport: { open, diagnose: async () => undefined }, clock: systemClock });
}
