import type { MessagePipe, PipeMessage } from '#base/messagePipe.ts';
import { AppFailure } from '#contract/errors.ts';
import type { HelloInput, Welcome } from '#contract/hello.ts';
import { PROTOCOL_VERSION } from '#contract/requests/state.ts';

/** Says hello; resolves when the core has let us in. Rejects with its refusal, or with `protocol.closed`. */
export function sayHello(pipe: MessagePipe, open: HelloInput['open']): Promise<void> {
  const said: HelloInput = { protocol: PROTOCOL_VERSION, open };
  pipe.send(JSON.stringify(said));
  return new Promise((resolve, reject) => {
    const closes = pipe.onClose(() => reject(closed()));
    const answer = pipe.onMessage((message) => {
      void answer.dispose();
      void closes.dispose();
      const welcome = readWelcome(message);
      if (welcome.type === 'welcome') resolve();
      else reject(new AppFailure(welcome.error));
    });
  });
}

/** The failure of what was under way when the connection went. */
export function closed(): AppFailure {
  return new AppFailure({ kind: 'protocol.closed', message: 'The connection to Slipway was lost.' });
}

function readWelcome(message: PipeMessage): Welcome {
  try {
    return JSON.parse(String(message)) as Welcome; // checked by its type below; anything else is refused
  } catch {
    return { type: 'refused', error: { kind: 'protocol.denied', message: 'What answers is not Slipway.' } };
  }
}
