import type { ContainerStats } from '#engine/containers.ts';
import type { Engine } from '#engine/engine.ts';
import type { EventStream } from '#engine/events.ts';
import type { ByteSource, OpenLogs } from '#engine/streams.ts';
import { Connection } from './connection.ts';
import { mustRun } from './process.ts';
import { changed, type FakeContainer, until } from './state.ts';
import type { World } from './world.ts';

const STATS_INTERVAL_MS = 1000;

type StreamCalls = Pick<Engine, 'openEvents' | 'openLogs' | 'attach' | 'openStats'>;

export function streamCalls(world: World): StreamCalls {
  return {
    async openEvents({ labels, signal }): Promise<EventStream> {
      const channel = world.subscribe(labels ?? []);
      signal?.addEventListener('abort', () => channel.end(), { once: true });
      const iterator = channel[Symbol.asyncIterator]();
      return { [Symbol.asyncIterator]: () => iterator, close: () => channel.close() };
    },
    openLogs: async (id, options) => openLogs(world, world.container(id), options, options.signal),
    async attach(id, { signal }) {
      const container = world.container(id);
      mustRun(container);
      const options = { follow: true, timestamps: false, tail: 0 };
      const output = openLogs(world, container, options, signal);
      return {
        output,
        write: async (bytes) => receive(world, container, bytes),
        end: () => undefined,
        close: () => output.close(),
      };
    },
    async openStats(id, options) {
      return stats(world, world.container(id), options?.signal);
    },
  };
}

function receive(world: World, container: FakeContainer, bytes: Uint8Array): void {
  container.input.push(bytes);
  if (world.program(container).echo) container.logs.append('stdout', bytes);
  changed(container);
}

/** Reads the log entry by entry as it is asked for, so a reader that stops reads nothing more. */
function openLogs(
  world: World,
  container: FakeContainer,
  options: OpenLogs,
  signal: AbortSignal | undefined,
): ByteSource {
  const tty = container.body.Tty ?? false;
  const connection = new Connection(world, signal, () => changed(container));
  async function* entries(): AsyncGenerator<Uint8Array, void, void> {
    try {
      for (let index = container.logs.start(options); connection.open; ) {
        const entry = container.logs.read(index, options, tty);
        if (entry !== 'end') {
          index++;
          if (entry !== undefined) yield entry;
        } else if (!options.follow || isOver(container)) break;
        else
          await until(
            container,
            () => container.logs.length > index || isOver(container) || !connection.open,
          );
      }
      connection.throwIfBroken();
    } finally {
      connection.close();
    }
  }
  const iterator = entries();
  return { [Symbol.asyncIterator]: () => iterator, close: () => connection.close() };
}

function isOver(container: FakeContainer): boolean {
  return container.removed || (container.running === undefined && container.state !== 'created');
}

async function* stats(
  world: World,
  container: FakeContainer,
  signal: AbortSignal | undefined,
): AsyncGenerator<ContainerStats, void, void> {
  const stop = new AbortController();
  const connection = new Connection(world, signal, () => stop.abort());
  try {
    while (!container.removed && connection.open) {
      await world.clock.sleep(STATS_INTERVAL_MS, stop.signal).catch(() => undefined);
      if (connection.open && container.running !== undefined) yield sample(world.clock.now());
    }
    if (!signal?.aborted) connection.throwIfBroken();
  } finally {
    connection.close();
  }
}

function sample(at: number): ContainerStats {
  return {
    at,
    cpu: 0.05,
    memoryBytes: 16 * 1024 * 1024,
    memoryLimitBytes: 1024 * 1024 * 1024,
    networkReceivedBytes: 0,
    networkSentBytes: 0,
    blockReadBytes: 0,
    blockWrittenBytes: 0,
    pids: 1,
  };
}
