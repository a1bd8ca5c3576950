import type { ByteChannel } from '#base/byteChannel.ts';
import type { StreamRequest } from '#contract/streams.ts';
import type { CoreParts } from './coreParts.ts';
import { serveDownload, serveUpload } from './logs/serveTransfer.ts';

/** Serves one byte stream to its end. Rejects only before anything has been sent. */
export async function openStream(
  parts: CoreParts,
  request: StreamRequest,
  channel: ByteChannel,
): Promise<void> {
  switch (request.type) {
    case 'logs':
      return parts.workspaces.get(request.workspace).logs.serve(request, channel);
    case 'terminal':
      return parts.terminals.serve(request, channel);
    case 'download':
      return serveDownload(parts.tickets.redeem(request.ticket, 'download'), channel);
    case 'upload':
      return serveUpload(parts.tickets.redeem(request.ticket, 'upload'), channel);
  }
}
