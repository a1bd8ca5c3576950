import type { Engine } from '../engine.ts';
import type { EngineEvent, EventStream } from '../events.ts';
import { filterQuery } from './containers.ts';
import { jsonLines } from './jsonLines.ts';
import { number, type Raw, record, text, textMap } from './raw.ts';
import type { Transport } from './transport.ts';

export function eventCalls(transport: Transport): Pick<Engine, 'openEvents'> {
  return {
    async openEvents({ labels, signal }) {
      const source = await transport.stream({
        method: 'GET',
        path: '/events',
        query: { filters: filterQuery({ label: labels }) },
        about: { what: 'engine', id: '' },
        signal,
      });
      return eventStream(source);
    },
  };
}

/** However the stream ends, reading ends: whoever reads has to reconnect and list again in any case. */
function eventStream(source: AsyncIterable<Uint8Array> & { close(): void }): EventStream {
  async function* events(): AsyncGenerator<EngineEvent, void, void> {
    try {
      for await (const raw of jsonLines(source)) yield engineEvent(raw);
    } catch {
      // Lost or aborted: an end, as the interface promises.
    } finally {
      source.close();
    }
  }
  const iterator = events();
  return { [Symbol.asyncIterator]: () => iterator, close: () => source.close() };
}

/** Podman's words for what Docker says otherwise. */
const PODMAN_ACTIONS: Readonly<Record<string, string>> = {
  died: 'die',
  remove: 'destroy',
  exec_died: 'exec_die',
};

/** Exported for its test. Source: Docker Engine API, "Monitor events". */
export function engineEvent(raw: Raw): EngineEvent {
  const actor = record(raw['Actor']);
  const type = text(raw['Type']) || 'container';
  // From 1.22 `Action` is the field; `status` is what older ones and podman have beside it.
  const [word = '', detail] = split(text(raw['Action']) || text(raw['status']));
  const attributes = textMap(actor['Attributes']);
  const nano = nanoseconds(raw);
  return {
    type,
    action: type === 'container' ? (PODMAN_ACTIONS[word] ?? word) : word,
    // Podman 4 keeps the state of the health beside the action.
    detail:
      detail ??
      (word === 'health_status' ? text(raw['HealthStatus']) || attributes['health_status'] : undefined),
    id: text(actor['ID']) || text(raw['id']),
    attributes,
    at: Number(nano / 1_000_000n),
    atNano: nano.toString(),
  };
}

/** `health_status: healthy`, `exec_start: /bin/sh -c …`; some engines leave the space out. */
function split(action: string): [string, string | undefined] {
  const colon = action.indexOf(':');
  return colon < 0 ? [action, undefined] : [action.slice(0, colon), action.slice(colon + 1).trimStart()];
}

/** `timeNano` is larger than a double holds exactly; `time` gives the seconds, so only the fraction is at stake. */
function nanoseconds(raw: Raw): bigint {
  const nano = number(raw['timeNano']);
  return nano > 0 ? BigInt(nano) : BigInt(number(raw['time'])) * 1_000_000_000n;
}
