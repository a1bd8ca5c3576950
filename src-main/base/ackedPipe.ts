import type { MessagePipe } from './messagePipe.ts';

/** The acknowledgement of one message. No message of ours is empty. */
const ACK = '';

/** Texts over a pipe, each acknowledged by its reader: `send` resolves when the other end has taken the message. */
export interface AckedPipe {
  /** Rejects on a closed pipe; resolves when the pipe closes before the acknowledgement: nobody is left to wait for. */
  send(text: string): Promise<void>;
}

/**
 * A reader that is busy does not acknowledge, so whoever awaits `send` has at most one message on the way and merges what
 * comes meanwhile. Neither a MessagePort nor a WebSocket says by itself when its reader falls behind.
 */
export function ackedPipe(pipe: MessagePipe, onText: (text: string) => void): AckedPipe {
  const waiting: (() => void)[] = [];
  let closed = false;
  pipe.onClose(() => {
    closed = true;
    for (const resolve of waiting.splice(0)) resolve();
  });
  pipe.onMessage((message) => {
    if (message === ACK) waiting.shift()?.();
    else if (typeof message !== 'string') pipe.close();
    else {
      onText(message);
      pipe.send(ACK);
    }
  });
  return {
    send(text) {
      if (closed) return Promise.reject(new Error('The pipe is closed.'));
      pipe.send(text);
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}
