import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { LABELS } from '#compose/labels.ts';
import { runServe } from '../../src-main/web/main.ts';
import { OpenedStack } from './openedStack.ts';
import { levelStack } from './stacks.ts';

/** What a core alone in its process costs while nothing happens. */
export interface IdleReport {
  /** Percent of one core. */
  readonly cpuPercent: number;
  readonly requests: number;
  readonly rssMegabytes: number;
}

/** After a boot: logs are opened, caches are written, and for a minute every row counts seconds. */
export const SETTLE_MS = 75_000;

/** What the parent says when the window is open and at rest. */
export const GO = 'measure';

/** The address of the window, told to the parent, which opens it. */
export interface IdleReady {
  readonly url: string;
}

/** Own process of the idle bench: boots the stack, serves the window, lets both rest, measures, reports, takes it down. */
async function measure(services: number, ms: number): Promise<void> {
  const name = `benchidle${process.pid}`;
  const stack = await OpenedStack.open(name, levelStack(name, services, 4));
  const stop = new AbortController();
  try {
    await stack.boot();
    const rendererDir = process.env['RENDERER'] ?? '';
    const onReady = (url: string) => tell({ url });
    const options = { core: stack.core, port: 0, rendererDir, signal: stop.signal, onReady };
    const served = runServe({ ...options, onWarning: () => undefined });
    await once(process, 'message');
    await delay(SETTLE_MS);
    const requests = await countRequests(stack);
    const profiled = await beginProfile(process.env['PROFILE']);
    const cpu = process.cpuUsage();
    await delay(ms);
    const { user, system } = process.cpuUsage(cpu);
    const cpuPercent = (user + system) / 10 / ms;
    await profiled();
    tell({ cpuPercent, requests: requests(), rssMegabytes: process.memoryUsage.rss() / 2 ** 20 });
    stop.abort();
    await served;
  } finally {
    stop.abort();
    await stack.dispose();
  }
}

/** Where the processor's time went, for the browser's tools; a profiler costs time itself, so only where it is asked for. */
async function beginProfile(file: string | undefined): Promise<() => Promise<void>> {
  if (file === undefined) return async () => undefined;
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    await writeFile(file, JSON.stringify(profile));
  };
}

function tell(message: IdleReady | IdleReport): void {
  process.send?.(message);
}

/**
 * From now on: what is asked of the engine, streams left out. Looks at other projects' containers do not count: they answer
 * what others do on the same engine meanwhile.
 */
async function countRequests({ engine, name }: OpenedStack): Promise<() => number> {
  const listed = await engine.listContainers({ all: true, labels: [`${LABELS.project}=${name}`] });
  const own = new Set<string>(listed.map(({ id }) => id));
  let count = 0;
  const calls = engine as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const [key, call] of Object.entries(calls)) {
    if (typeof call !== 'function' || key.startsWith('open')) continue;
    calls[key] = (...args) => {
      if (key !== 'inspectContainer' || own.has(String(args[0]))) count += 1;
      return call.apply(engine, args);
    };
  }
  return () => count;
}

if (process.send !== undefined) {
  const [services = '50', seconds = '20'] = process.argv.slice(2);
  await measure(Number(services), Number(seconds) * 1000);
  process.disconnect?.();
}
