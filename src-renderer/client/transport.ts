import type { MessagePipe } from '#base/messagePipe.ts';
import type { AppError } from '#contract/errors.ts';

/** How a reader reaches its core: a pipe for the requests, one more for every stream. */
export interface Transport {
  /** A new pipe; one that cannot be opened closes. */
  open(): MessagePipe;
  /** Why no pipe opens, where it will not get better by itself. */
  diagnose(): Promise<AppError | undefined>;
}
