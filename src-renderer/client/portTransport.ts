import { alone, Pipe, type PipeMessage } from '#base/messagePipe.ts';
import { PORT_MESSAGE } from '#contract/bridge.ts';
import type { Transport } from './transport.ts';

/** As much of a window as this takes. */
interface PostingWindow {
  readonly origin: string;
  postMessage(message: string, targetOrigin: string, transfer: readonly unknown[]): void;
}

/** Ports to the main process: the window keeps one end and sends the other on. */
export function portTransport(window: PostingWindow): Transport {
  return {
    open() {
      const { port1, port2 } = new MessageChannel();
      const pipe = new Pipe({
        post: (message) => port1.postMessage(alone(message)),
        shut: () => port1.close(),
      });
      port1.addEventListener('message', (event: Event) => {
        pipe.receive((event as MessageEvent).data as PipeMessage);
      });
      port1.addEventListener('close', () => pipe.end());
      port1.start();
      window.postMessage(PORT_MESSAGE, window.origin, [port2]);
      return pipe;
    },
    // The main process is always ours, and of our version.
    diagnose: async () => undefined,
  };
}
