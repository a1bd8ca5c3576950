import type { ContractRouterClient } from '@orpc/contract';
import type { Disposable } from '#base/disposables.ts';
import type { AppError } from '#contract/errors.ts';
import type { ReadState } from '#contract/frames.ts';
import type { Contract } from '#contract/requests.ts';
import type { DownControl, StreamRequestInput, UpControl } from '#contract/streams.ts';

/** Every request of the contract, typed. Whatever fails rejects with an AppFailure, over any transport. */
export type Client = ContractRouterClient<Contract>;

/** How the reader stands to its core. */
export type ConnectionStatus =
  | { readonly type: 'connecting' }
  | { readonly type: 'connected' }
  /** It comes back by itself; `retryAt` (ms since the epoch) is when the next try begins. */
  | { readonly type: 'lost'; readonly since: number; readonly retryAt: number }
  /** It will not come back by itself: another version of Slipway answers, or none that knows us. */
  | { readonly type: 'refused'; readonly error: AppError }
  | { readonly type: 'closed' };

/** One core, reached over a port or a socket; survives the loss of either. */
export interface Connection {
  readonly client: Client;
  readonly status: ConnectionStatus;
  /** Calls at every change, not at once. */
  onStatus(listener: (status: ConnectionStatus) => void): Disposable;
  /** Does not wait for the back-off. */
  retry(): void;
  /**
   * The state feed: calls with a whole copy at every change; records that did not change keep their identity. Goes on
   * from its revision after a reconnect. What was known last stays known while the connection is lost.
   */
  watchState(listener: (state: ReadState) => void): Disposable;
  /**
   * Opens a byte stream and, after a lost connection, opens it again. `request` is asked again at each opening, so that
   * logs go on `after` the last line that was shown. A stream that has ended stays ended.
   */
  openStream(request: StreamRequestInput | (() => StreamRequestInput)): ByteStream;
  close(): void;
}

/** One byte stream as its reader sees it. */
export interface ByteStream {
  /** The reader owes an `ack` for every byte once it has been drawn; without it the core stops sending. */
  onData(listener: (bytes: Uint8Array) => void): Disposable;
  onControl(listener: (message: DownControl) => void): Disposable;
  /** At every opening, before its first data. `again`: the connection was lost between; a terminal's replay follows. */
  onOpen(listener: (opening: 'first' | 'again') => void): Disposable;
  /** Once, at the end: with the error that ended it, or none. Not called by `close`. */
  onEnd(listener: (error: AppError | undefined) => void): Disposable;
  /** Input: a terminal's keys, an upload's bytes. Lost while the connection is. */
  write(bytes: Uint8Array): void;
  control(message: UpControl): void;
  ack(bytes: number): void;
  close(): void;
}
