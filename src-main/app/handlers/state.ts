import { AppFailure } from '#contract/errors.ts';
import { PROTOCOL_VERSION } from '#contract/requests/state.ts';
import { failing, requests } from '../requestBase.ts';
import type { StateFeed } from '../stateFeed.ts';

export function stateHandlers(feed: StateFeed) {
  return {
    watch: requests.state.watch.handler(({ input, signal }) => {
      if (input.protocol !== PROTOCOL_VERSION) throw wrongProtocol(input.protocol);
      return failing(feed.watch(input.since, signal));
    }),
  };
}

function wrongProtocol(client: number): AppFailure {
  return new AppFailure({
    kind: 'protocol.version',
    client,
    server: PROTOCOL_VERSION,
    message: `This window speaks version ${client}, the core version ${PROTOCOL_VERSION}.`,
    hint: 'Load the window again.',
  });
}
