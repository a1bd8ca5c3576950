import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerStats } from '../containers.ts';
import type { Engine } from '../engine.ts';
import type { PausableSource } from './byteSource.ts';
import { aboutContainer, containerPath } from './containers.ts';
import { jsonLines } from './jsonLines.ts';
import { instant, list, number, type Raw, record, text } from './raw.ts';
import { type RestingSamples, restingSamples } from './restingSamples.ts';
import type { Transport } from './transport.ts';

export function statsCalls(transport: Transport): Pick<Engine, 'openStats'> {
  return {
    async openStats(id, options) {
      const source = await transport.trickle({
        method: 'GET',
        path: `${containerPath(id)}/stats`,
        query: { stream: true },
        about: aboutContainer(id),
        signal: options?.signal,
      });
      return figures(source, options?.signal);
    },
  };
}

async function* figures(
  source: PausableSource,
  signal: AbortSignal | undefined,
): AsyncGenerator<ContainerStats, void, void> {
  const resting = restingSamples();
  try {
    for await (const raw of jsonLines(paced(source, { resting, signal }), resting.wanted)) {
      const stats = containerStats(raw);
      if (stats !== undefined) yield stats;
    }
  } catch (thrown) {
    if (!signal?.aborted) throw thrown;
  } finally {
    source.close();
  }
}

/** The connection of a container at rest is looked at once in a while. */
async function* paced(
  source: PausableSource,
  { resting, signal }: { readonly resting: RestingSamples; readonly signal: AbortSignal | undefined },
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of source) {
    yield chunk;
    const ms = resting.restMs();
    if (ms === 0 || source.hasMore) continue;
    source.pause();
    await delay(ms, undefined, { ref: false, ...(signal === undefined ? {} : { signal }) });
    source.resume();
  }
}

/**
 * One sample as `docker stats` counts it; undefined for the first of a stream, which has nothing to compare with, and for
 * those of a container that does not run. Source: docker CLI `cli/command/container/stats_helpers.go`.
 */
export function containerStats(raw: Raw): ContainerStats | undefined {
  const at = instant(raw['read']);
  const cpu = cpuShare(record(raw['cpu_stats']), record(raw['precpu_stats']));
  if (at === undefined || cpu === undefined) return undefined;
  const memory = record(raw['memory_stats']);
  const networks = Object.values(record(raw['networks'])).map(record);
  return {
    at,
    cpu,
    memoryBytes: usedMemory(memory),
    memoryLimitBytes: number(memory['limit']),
    networkReceivedBytes: sum(networks.map((network) => number(network['rx_bytes']))),
    networkSentBytes: sum(networks.map((network) => number(network['tx_bytes']))),
    ...blockBytes(record(raw['blkio_stats'])),
    pids: number(record(raw['pids_stats'])['current']),
  };
}

function cpuShare(now: Raw, before: Raw): number | undefined {
  const system = number(now['system_cpu_usage']) - number(before['system_cpu_usage']);
  if (number(before['system_cpu_usage']) === 0 || system <= 0) return undefined;
  const usage =
    number(record(now['cpu_usage'])['total_usage']) - number(record(before['cpu_usage'])['total_usage']);
  const cores = number(now['online_cpus']) || list(record(now['cpu_usage'])['percpu_usage']).length || 1;
  return Math.max(0, (usage / system) * cores);
}

/** Without the page cache that the kernel would give back: `total_inactive_file` on cgroup v1, `inactive_file` on v2. */
function usedMemory(memory: Raw): number {
  const usage = number(memory['usage']);
  const stats = record(memory['stats']);
  const cache = number(stats['total_inactive_file'] ?? stats['inactive_file']);
  return cache < usage ? usage - cache : usage;
}

function blockBytes(blkio: Raw): Pick<ContainerStats, 'blockReadBytes' | 'blockWrittenBytes'> {
  const entries = list(blkio['io_service_bytes_recursive']).map(record);
  // cgroup v1 says Read and Write, v2 read and write.
  const of = (operation: string) =>
    sum(
      entries
        .filter((entry) => text(entry['op']).toLowerCase() === operation)
        .map((entry) => number(entry['value'])),
    );
  return { blockReadBytes: of('read'), blockWrittenBytes: of('write') };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
