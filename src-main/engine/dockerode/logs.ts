import type { Duplex as NodeDuplex } from 'node:stream';
import type { Engine } from '../engine.ts';
import type { ByteSource, Duplex } from '../streams.ts';
import { aboutContainer, containerPath } from './containers.ts';
import type { Transport } from './transport.ts';

export function logCalls(transport: Transport): Pick<Engine, 'openLogs' | 'attach'> {
  return {
    openLogs: (id, { follow, since, until, tail, timestamps, stdout, stderr, signal }) =>
      transport.flood({
        method: 'GET',
        path: `${containerPath(id)}/logs`,
        query: {
          follow,
          since,
          until,
          tail: tail ?? 'all',
          timestamps,
          stdout: stdout ?? true,
          stderr: stderr ?? true,
        },
        about: aboutContainer(id),
        signal,
      }),
    async attach(id, { stdin, signal }) {
      const { socket, source } = await transport.hijack({
        method: 'POST',
        path: `${containerPath(id)}/attach`,
        query: { stream: true, stdin, stdout: true, stderr: true },
        about: aboutContainer(id),
        signal,
      });
      return duplex(transport, socket, source);
    },
  };
}

/** Both ways over a connection that was taken over. Closing either half's `close` closes the connection. */
export function duplex(transport: Transport, socket: NodeDuplex, output: ByteSource): Duplex {
  return {
    output,
    write: (bytes) =>
      new Promise<void>((resolve, reject) => {
        // The callback comes when the operating system has the bytes, and with an error when they cannot go any more.
        socket.write(bytes, (error) => (error ? reject(transport.failure(error)) : resolve()));
      }),
    end: () => void socket.end(),
    close: () => output.close(),
  };
}
