import type { Disposable } from './disposables.ts';

/**
 * One open stream between the core and a reader, whatever carries it (a MessagePort, a WebSocket, a pair in memory).
 * Binary messages and control messages of one direction arrive in the order they were sent, mixed. Both ends see the
 * same interface. What arrives before the first listener of its kind is kept and handed over when it comes.
 */
export interface ByteChannel {
  /** Hands over one binary message; the bytes belong to the channel from here on. Does nothing once closed. */
  send(bytes: Uint8Array): void;
  /** Sends plain data that survives JSON. Does nothing once closed. */
  control(message: unknown): void;
  onData(listener: (bytes: Uint8Array) => void): Disposable;
  /** What arrives here has not been validated. */
  onControl(listener: (message: unknown) => void): Disposable;
  /** Once, when either end has closed or the connection is lost; at once when it already has. */
  onClose(listener: () => void): Disposable;
  close(): void;
}
