import type { Router } from '@orpc/server';
import type { ByteChannel } from '#base/byteChannel.ts';
import type { Contract } from '#contract/requests.ts';
import type { StreamRequest } from '#contract/streams.ts';

/** What this layer carries: the contract's requests and the byte streams of a core. */
export interface ServedCore {
  readonly router: Router<Contract, Record<never, never>>;
  /** Takes the channel over; failures go out as its `end` control. */
  openStream(request: StreamRequest, channel: ByteChannel): void;
}
