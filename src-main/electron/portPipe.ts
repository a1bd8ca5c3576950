import type { MessagePortMain } from 'electron';
import { alone, type MessagePipe, Pipe, type PipeMessage } from '#base/messagePipe.ts';

/** A port of the window as a pipe. Anything but text and bytes ends it. */
export function portPipe(port: MessagePortMain): MessagePipe {
  const pipe = new Pipe({ post: (message) => port.postMessage(alone(message)), shut: () => port.close() });
  port.on('message', ({ data }: { readonly data: unknown }) => {
    if (isPipeMessage(data)) pipe.receive(data);
    else pipe.close();
  });
  port.on('close', () => pipe.end());
  port.start();
  return pipe;
}

function isPipeMessage(data: unknown): data is PipeMessage {
  return typeof data === 'string' || data instanceof Uint8Array;
}
