import type { ByteChannel } from '#base/byteChannel.ts';
import type { StreamRequest } from '#contract/streams.ts';
import type { CoreParts } from './coreParts.ts';
import { missing } from './requestBase.ts';

/** Serves one byte stream to its end. Rejects only before anything has been sent. */
export async function openStream(
  _parts: CoreParts,
  request: StreamRequest,
  _channel: ByteChannel,
): Promise<void> {
  throw missing(request.type, 'not yet');
}
