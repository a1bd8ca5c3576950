import { connect, type Socket } from 'node:net';
import type { ObservedContainer } from '#plan/observed.ts';

/** An address that may lead to a replica. */
export interface DialAddress {
  readonly host: string;
  readonly port: number;
}

/** A container on this machine answers or refuses at once; only an address that leads nowhere keeps silent. */
const DIAL_MS = 1_000;
const ANY_ADDRESS = new Set(['', '0.0.0.0', '::', '[::]']);

/** How one reaches containers from here. */
export interface Reach {
  /** Addresses of the engine's own networks lead to containers: a Linux engine on this very machine. */
  readonly direct: boolean;
  /** Where published ports are. */
  readonly engineHost: string;
}

/** A local socket on Linux reaches containers by their own addresses; every other engine has only its published ports. */
export function reachOf(endpoint: string, platform: string): Reach {
  const local = /^(unix|npipe):/.test(endpoint) || endpoint === '';
  const host = URL.canParse(endpoint) ? new URL(endpoint).hostname : '';
  return { direct: local && platform === 'linux', engineHost: local || host === '' ? '127.0.0.1' : host };
}

/** Where a replica's port may answer, the surest first. */
export function addressesOf(replica: ObservedContainer, port: number, reach: Reach): DialAddress[] {
  const published = replica.ports
    .filter((entry) => entry.containerPort === port && entry.protocol === 'tcp' && entry.hostPort)
    .map(({ hostIp = '', hostPort = 0 }) => ({
      host: ANY_ADDRESS.has(hostIp) ? reach.engineHost : hostIp,
      port: hostPort,
    }));
  if (!reach.direct) return published;
  const own = Object.values(replica.networks).flatMap(({ ip }) => (ip === '' ? [] : [{ host: ip, port }]));
  // Without an address of its own it lives in the network of the machine.
  const shared = own.length === 0 ? [{ host: '127.0.0.1', port }] : [];
  return [...own, ...shared, ...published];
}

/** Connects to the first address that answers; undefined where none does. Nothing is sent. */
export async function dial(
  addresses: readonly DialAddress[],
  signal: AbortSignal,
): Promise<Socket | undefined> {
  for (const address of addresses) {
    const socket = await dialOne(address, signal);
    if (socket !== undefined) return socket;
  }
  return undefined;
}

function dialOne(address: DialAddress, signal: AbortSignal): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ ...address, noDelay: true });
    const settle = (found: Socket | undefined) => {
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      signal.removeEventListener('abort', give);
      if (found === undefined) socket.destroy();
      resolve(found);
    };
    const give = () => settle(undefined);
    socket.setTimeout(DIAL_MS, give);
    signal.addEventListener('abort', give, { once: true });
    socket.once('connect', () => {
      socket.removeListener('error', give);
      settle(socket);
    });
    socket.once('error', give);
  });
}
