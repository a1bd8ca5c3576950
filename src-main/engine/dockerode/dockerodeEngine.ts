import type { EngineEndpoint } from '../endpoints.ts';
import type { Cancel, Engine } from '../engine.ts';
import { archiveCalls } from './archive.ts';
import { buildCalls } from './build.ts';
import { containerCalls } from './containers.ts';
import { eventCalls } from './events.ts';
import { execCalls } from './exec.ts';
import { imageCalls } from './images.ts';
import { infoCalls, negotiate } from './info.ts';
import { logCalls } from './logs.ts';
import { networkCalls } from './networks.ts';
import { statsCalls } from './stats.ts';
import { Transport } from './transport.ts';
import { volumeCalls } from './volumes.ts';

/**
 * The engine at an endpoint. Resolves once it has answered and a version of the API is agreed on.
 * Rejects with `engine.unreachable`, `engine.tooOld` or `cancelled`.
 */
export async function openEngine(endpoint: EngineEndpoint, options?: Cancel): Promise<Engine> {
  const transport = new Transport(endpoint);
  try {
    await negotiate(transport, options);
  } catch (thrown) {
    transport.close();
    throw thrown;
  }
  return {
    ...infoCalls(transport),
    ...eventCalls(transport),
    ...containerCalls(transport),
    ...statsCalls(transport),
    ...logCalls(transport),
    ...execCalls(transport),
    ...archiveCalls(transport),
    ...imageCalls(transport),
    ...buildCalls(transport),
    ...networkCalls(transport),
    ...volumeCalls(transport),
    requests: transport.requests,
    close: async () => transport.close(),
  };
}
