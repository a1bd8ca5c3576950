import type { RawData, WebSocket } from 'ws';
import { type MessagePipe, Pipe } from '#base/messagePipe.ts';

/** How often the other end must show that it lives. A laptop that slept is noticed at the next beat. */
const HEARTBEAT_MS = 15_000;

/**
 * Credit keeps every stream below a quarter of a megabyte and requests are acknowledged one by one: whoever has this much
 * unread does not follow the protocol.
 */
const QUEUED_LIMIT_BYTES = 16 * 1024 * 1024;

/** A WebSocket of `ws` as a pipe, with a heartbeat. */
export function socketPipe(socket: WebSocket): MessagePipe {
  const pipe = new Pipe({
    post(message) {
      if (socket.bufferedAmount > QUEUED_LIMIT_BYTES) socket.terminate();
      else socket.send(message, ignoreLost);
    },
    shut: () => socket.close(),
  });
  const stopBeating = beat(socket);
  socket.on('message', (data: RawData, isBinary) => {
    // `ws` gives one Buffer per message: binaryType is left at its default.
    const bytes = data as Buffer;
    pipe.receive(isBinary ? bytes : bytes.toString());
  });
  socket.on('error', () => pipe.end());
  socket.on('close', () => {
    stopBeating();
    pipe.end();
  });
  return pipe;
}

/** A message that could not be sent is lost with its connection, which `close` reports. */
function ignoreLost(): void {}

function beat(socket: WebSocket): () => void {
  let alive = true;
  socket.on('pong', () => {
    alive = true;
  });
  const timer = setInterval(() => {
    if (!alive) return socket.terminate();
    alive = false;
    socket.ping();
  }, HEARTBEAT_MS);
  return () => clearInterval(timer);
}
