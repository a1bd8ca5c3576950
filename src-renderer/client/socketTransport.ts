import { Pipe, type PipeMessage } from '#base/messagePipe.ts';
import type { AppError } from '#contract/errors.ts';
import type { Transport } from './transport.ts';

/** WebSockets to the server that served this page. `page`: the page's own address. */
export function socketTransport(page: string): Transport {
  const address = new URL('socket', page);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  address.search = '';
  address.hash = '';
  return {
    open: () => openSocket(address.href),
    diagnose: () => diagnose(page),
  };
}

function openSocket(address: string): Pipe {
  const socket = new WebSocket(address);
  socket.binaryType = 'arraybuffer';
  const early: PipeMessage[] = [];
  const pipe = new Pipe({
    post(message) {
      if (socket.readyState === WebSocket.CONNECTING) early.push(message);
      else if (socket.readyState === WebSocket.OPEN) post(socket, message);
    },
    shut: () => socket.close(),
  });
  socket.addEventListener('open', () => {
    for (const message of early.splice(0)) post(socket, message);
  });
  socket.addEventListener('message', ({ data }: { readonly data: unknown }) => {
    pipe.receive(data instanceof ArrayBuffer ? new Uint8Array(data) : String(data));
  });
  socket.addEventListener('close', () => pipe.end());
  return pipe;
}

/** The DOM's types ask for bytes that are not shared between threads; ours never are. */
function post(socket: WebSocket, message: PipeMessage): void {
  socket.send(message as string | Uint8Array<ArrayBuffer>);
}

/** A socket does not say why it failed. A server that was started anew does not know this page's cookie. */
async function diagnose(page: string): Promise<AppError | undefined> {
  const response = await fetch(page, { method: 'HEAD', cache: 'no-store' }).catch(() => undefined);
  if (response?.status !== 403) return undefined; // nobody answers: keep trying
  return {
    kind: 'protocol.denied',
    message: 'Slipway was started again, and this page belongs to the start before.',
    hint: 'Open the address that `slipway serve` printed.',
  };
}
