import type { Router } from '@orpc/server';
import type { ByteChannel } from '#base/byteChannel.ts';
import type { Contract } from '#contract/requests.ts';
import type { StreamRequest } from '#contract/streams.ts';
import type { StateFeed } from './stateFeed.ts';

/** What a host does with the core: carries requests to `router`, byte channels to `openStream`, and disposes it. */
export interface Core {
  /** The contract, implemented. Needs no context: whoever may reach it may ask anything. */
  readonly router: Router<Contract, Record<never, never>>;
  /** The records behind `state.watch`, for a host in the same process. */
  readonly feed: StateFeed;
  /** Serves one byte stream; failures go out as the channel's `end` control, never as a throw. The request has been parsed. */
  openStream(request: StreamRequest, channel: ByteChannel): void;
  /** Stops observing, ends sessions and streams, cancels runs. Containers stay as they are. */
  dispose(): Promise<void>;
}
