import { type ClientLink, mapEventIterator, ORPCError } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { ackedPipe } from '#base/ackedPipe.ts';
import type { MessagePipe } from '#base/messagePipe.ts';
import { type AppError, AppFailure, cancelled, toAppError } from '#contract/errors.ts';
import { closed } from './handshake.ts';

type Link = ClientLink<Record<never, never>>;
type LinkSocket = ConstructorParameters<typeof RPCLink>[0]['websocket'];

/** WebSocket.OPEN: a pipe takes messages from the start. */
const OPEN = 1;

/** Carries requests over a pipe that has been welcomed. Failures are AppFailures. */
export function requestLink(pipe: MessagePipe): Link {
  const link = new RPCLink({ websocket: linkSocket(pipe) });
  return {
    async call(path, input, options) {
      try {
        const output = await link.call(path, input, options);
        return isIterator(output) ? mapFailures(output, options.signal) : output;
      } catch (thrown) {
        throw toFailure(thrown, options.signal);
      }
    },
  };
}

/** As much of a WebSocket as oRPC's link uses: it awaits `send`, and listens for messages and the close. */
function linkSocket(pipe: MessagePipe): LinkSocket {
  let onText: (event: { readonly data: string }) => void = () => {};
  const texts = ackedPipe(pipe, (data) => onText({ data }));
  const socket = {
    readyState: OPEN,
    send: (text: string) => texts.send(text),
    addEventListener(type: string, listener: (event?: unknown) => void) {
      if (type === 'message') onText = listener;
      if (type === 'close') pipe.onClose(() => listener());
    },
    removeEventListener() {},
  };
  return socket as unknown as LinkSocket;
}

function isIterator(output: unknown): output is AsyncIterator<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
}

function mapFailures(iterator: AsyncIterator<unknown>, signal: AbortSignal | undefined): unknown {
  return mapEventIterator(iterator, {
    value: async (value) => value,
    error: async (thrown) => toFailure(thrown, signal),
  });
}

function toFailure(thrown: unknown, signal: AbortSignal | undefined): AppFailure {
  if (thrown instanceof AppFailure) return thrown;
  if (signal?.aborted) return cancelled();
  if (thrown instanceof ORPCError) return new AppFailure(errorOf(thrown), { cause: thrown });
  if (thrown instanceof Error && thrown.name === 'AbortError') return closed();
  return new AppFailure(toAppError(thrown), { cause: thrown });
}

/** The contract has one typed error whose data is the AppError; a bad input is the transport's own. */
function errorOf(thrown: ORPCError<string, unknown>): AppError {
  if (thrown.code === 'APP') return thrown.data as AppError;
  if (thrown.code === 'BAD_REQUEST') return { kind: 'input.invalid', message: thrown.message };
  return { kind: 'internal', message: thrown.message };
}
