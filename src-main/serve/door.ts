import type { MessagePipe, PipeMessage } from '#base/messagePipe.ts';
import { pipeChannel } from '#base/pipeChannel.ts';
import type { AppError } from '#contract/errors.ts';
import { type Hello, hello, type Welcome } from '#contract/hello.ts';
import { PROTOCOL_VERSION } from '#contract/requests/state.ts';
import { createRequestServer } from './requests.ts';
import type { ServedCore } from './servedCore.ts';

/** A reader says hello at once; a pipe that stays silent this long is not one of ours. */
const HELLO_TIMEOUT_MS = 10_000;

/** The one way into a core, whatever carries the pipe. */
export interface Door {
  /** Waits for the reader's hello, then serves requests or one stream on this pipe. */
  accept(pipe: MessagePipe): void;
}

export function createDoor(core: ServedCore): Door {
  const serveRequests = createRequestServer(core.router);

  function admit(pipe: MessagePipe, { open }: Hello): void {
    reply(pipe, { type: 'welcome', protocol: PROTOCOL_VERSION });
    if (open.type === 'requests') serveRequests(pipe);
    else core.openStream(open.request, pipeChannel(pipe));
  }

  return {
    accept(pipe) {
      const timer = setTimeout(() => pipe.close(), HELLO_TIMEOUT_MS);
      pipe.onClose(() => clearTimeout(timer));
      const first = pipe.onMessage((message) => {
        clearTimeout(timer);
        void first.dispose();
        const answer = readHello(message);
        if ('hello' in answer) return admit(pipe, answer.hello);
        reply(pipe, { type: 'refused', error: answer.error });
        pipe.close();
      });
    },
  };
}

function reply(pipe: MessagePipe, welcome: Welcome): void {
  pipe.send(JSON.stringify(welcome));
}

/** The version is looked at first: a newer reader's hello may have a shape that this one cannot read. */
function readHello(message: PipeMessage): { readonly hello: Hello } | { readonly error: AppError } {
  const said = parse(message);
  const version = hello.pick({ protocol: true }).safeParse(said);
  if (!version.success)
    return { error: { kind: 'protocol.denied', message: 'This is not a Slipway reader.' } };
  if (version.data.protocol !== PROTOCOL_VERSION) return { error: wrongVersion(version.data.protocol) };
  const whole = hello.safeParse(said);
  if (whole.success) return { hello: whole.data };
  const issue = whole.error.issues[0];
  return {
    error: {
      kind: 'input.invalid',
      field: issue?.path.join('.'),
      message: `The stream was asked for wrongly: ${issue?.message ?? 'no reason given'}.`,
    },
  };
}

function wrongVersion(client: number): AppError {
  return {
    kind: 'protocol.version',
    client,
    server: PROTOCOL_VERSION,
    message: 'This window and the core come from different versions of Slipway.',
    hint: 'Reload the window.',
  };
}

function parse(message: PipeMessage): unknown {
  try {
    return typeof message === 'string' ? JSON.parse(message) : undefined;
  } catch {
    return undefined; // not JSON: the caller refuses it
  }
}
