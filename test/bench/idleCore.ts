import { setTimeout as delay } from 'node:timers/promises';
import { LABELS } from '#compose/labels.ts';
import { OpenedStack } from './openedStack.ts';
import { levelStack } from './stacks.ts';

/** What a core alone in its process costs while nothing happens. */
export interface IdleReport {
  /** Percent of one core. */
  readonly cpuPercent: number;
  readonly requests: number;
  readonly rssMegabytes: number;
}

/** After a boot: logs are opened, the collector of garbage runs, caches are written. */
const SETTLE_MS = 5_000;

/** Own process of the idle bench: boots the stack, lets it rest, measures, reports to the parent, takes it down. */
async function measure(services: number, ms: number): Promise<IdleReport> {
  const name = `benchidle${process.pid}`;
  const stack = await OpenedStack.open(name, levelStack(name, services, 4));
  try {
    await stack.boot();
    await delay(SETTLE_MS);
    const requests = await countRequests(stack);
    const cpu = process.cpuUsage();
    await delay(ms);
    const { user, system } = process.cpuUsage(cpu);
    return {
      cpuPercent: (user + system) / 10 / ms,
      requests: requests(),
      rssMegabytes: process.memoryUsage.rss() / 2 ** 20,
    };
  } finally {
    await stack.dispose();
  }
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
  const report = await measure(Number(services), Number(seconds) * 1000);
  process.send(report);
  process.disconnect?.();
}
