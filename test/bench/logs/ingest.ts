import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '#base/clock.ts';
import type { ContainerId } from '#contract/ids.ts';
import { openEngine } from '#engine/dockerode/dockerodeEngine.ts';
import { parseEngineAddress } from '#engine/endpoints.ts';
import type { Engine } from '#engine/engine.ts';
import { LogCollector } from '#streams/logCollector.ts';
import { searchLogs } from '#streams/logSearch.ts';
import { LogStore } from '#streams/logStore/logStore.ts';
import { eventually } from '../../support/eventually.ts';

export interface LogBench {
  readonly lines: number;
  readonly bytes: number;
  /** Seconds, the best of the rounds. */
  readonly rawSeconds: number;
  readonly dockerLogsSeconds: number;
  /** With `--timestamps`: the engine writes the same bytes for us, too. */
  readonly sameWorkSeconds: number;
  readonly storeSeconds: number;
  readonly storeToRaw: number;
  readonly storeToDockerLogs: number;
  readonly storeToSameWork: number;
  /** Searching everything for a regular expression that matches one line. */
  readonly searchSeconds: number;
}

/** The fastest of so many: machines that are shared are slow for seconds at a time. */
const ROUNDS = 7;
const PADDING = 'the quick brown fox jumps over the lazy dog and runs away from the big bad wolf again x';

/** Side by side in one run: a container's lines read raw from the engine's socket, through `docker logs`, and into the store. */
export async function runLogBench({
  lines = 1_000_000,
  host = 'unix:///var/run/docker.sock',
} = {}): Promise<LogBench> {
  const address = parseEngineAddress(host);
  if (address?.type !== 'unix') throw new Error('this benchmark reads the engine over a unix socket');
  const engine = await openEngine({ address, url: host, source: 'bench', explicit: true });
  const id = await writtenContainer(engine, lines);
  try {
    const raw: number[] = [];
    const docker: number[] = [];
    const same: number[] = [];
    const store: number[] = [];
    const search: number[] = [];
    let bytes = 0;
    for (let round = 0; round < ROUNDS; round++) {
      raw.push(await seconds(async () => (bytes = await readRaw(address.path, id))));
      docker.push(await seconds(() => dockerLogs(id, host)));
      same.push(await seconds(() => dockerLogs(id, host, '--timestamps')));
      const stored = await intoStore(engine, id, lines);
      store.push(stored.seconds);
      search.push(stored.searchSeconds);
    }
    const [rawSeconds, dockerLogsSeconds] = [Math.min(...raw), Math.min(...docker)];
    const [sameWorkSeconds, storeSeconds] = [Math.min(...same), Math.min(...store)];
    return {
      lines,
      bytes,
      rawSeconds,
      dockerLogsSeconds,
      sameWorkSeconds,
      storeSeconds,
      storeToRaw: storeSeconds / rawSeconds,
      storeToDockerLogs: storeSeconds / dockerLogsSeconds,
      storeToSameWork: storeSeconds / sameWorkSeconds,
      searchSeconds: Math.min(...search),
    };
  } finally {
    await engine.removeContainer(id, { force: true });
    await engine.close();
  }
}

async function writtenContainer(engine: Engine, lines: number): Promise<ContainerId> {
  const command = `seq -w 1 ${lines} | sed 's/$/ ${PADDING}/'`;
  const { id } = await engine.createContainer({
    name: `slipway-bench-logs-${process.pid}`,
    body: { Image: 'busybox', Cmd: ['sh', '-c', command], HostConfig: { LogConfig: { Type: 'json-file' } } },
  });
  await engine.startContainer(id);
  await engine.waitContainer(id);
  return id;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

async function readRaw(socketPath: string, id: string): Promise<number> {
  const request = get({ socketPath, path: `/v1.41/containers/${id}/logs?stdout=1&stderr=1&timestamps=1` });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await once(response, 'end');
  return bytes;
}

async function dockerLogs(id: string, host: string, ...options: readonly string[]): Promise<void> {
  const child = spawn('docker', ['-H', host, 'logs', ...options, id], { stdio: 'ignore' });
  await once(child, 'exit');
}

async function intoStore(
  engine: Engine,
  id: ContainerId,
  lines: number,
): Promise<{ seconds: number; searchSeconds: number }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-bench-'));
  const store = await LogStore.open({ folder });
  const collector = new LogCollector({ engine, store, clock: systemClock });
  try {
    const took = await seconds(async () => {
      collector.sync([
        { id, service: 'bench', number: 1, tty: false, logDriver: 'json-file', state: 'exited' },
      ]);
      await eventually(() => collector.isIdle, { limitMs: 120_000 });
      await store.flush();
    });
    const count = async (text: string) =>
      (await searchLogs(store, { services: [], text, regex: true, caseSensitive: true })).count;
    if ((await count('.')) !== lines) throw new Error('the store does not hold every line');
    const searchSeconds = await seconds(() => count(`^0*${Math.floor(lines / 3)} the`));
    return { seconds: took, searchSeconds };
  } finally {
    await collector.dispose();
    await store.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) console.log(await runLogBench());
