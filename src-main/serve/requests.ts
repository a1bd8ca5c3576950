import { type MinimalWebsocket, RPCHandler } from '@orpc/server/websocket';
import { ackedPipe } from '#base/ackedPipe.ts';
import type { MessagePipe } from '#base/messagePipe.ts';
import type { ServedCore } from './servedCore.ts';

/** Answers requests on any number of pipes. */
export type RequestServer = (pipe: MessagePipe) => void;

/** oRPC over pipes. Its WebSocket handler awaits what `send` returns, so that the acknowledgements hold its feeds back. */
export function createRequestServer(router: ServedCore['router']): RequestServer {
  const handler = new RPCHandler(router);
  return (pipe) => {
    const texts = ackedPipe(pipe, (text) => void answer(text));
    // The handler uses `send` only: messages and the close are handed to it by name.
    const socket = { send: (text: string) => texts.send(text) } as unknown as MinimalWebsocket;
    pipe.onClose(() => handler.close(socket));

    async function answer(text: string): Promise<void> {
      try {
        await handler.message(socket, text, { context: {} });
      } catch {
        // A request that fails is answered; what is thrown here is a text that is no request, or a pipe that closed
        // meanwhile. Either way this pipe is of no more use.
        pipe.close();
      }
    }
  };
}
