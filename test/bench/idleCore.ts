import { setTimeout as delay } from 'node:timers/promises';
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
    const requests = stack.engine.requests.count;
    const cpu = process.cpuUsage();
    await delay(ms);
    const { user, system } = process.cpuUsage(cpu);
    return {
      cpuPercent: (user + system) / 10 / ms,
      requests: stack.engine.requests.count - requests,
      rssMegabytes: process.memoryUsage.rss() / 2 ** 20,
    };
  } finally {
    await stack.dispose();
  }
}

if (import.meta.main) {
  const [services = '50', seconds = '20'] = process.argv.slice(2);
  const report = await measure(Number(services), Number(seconds) * 1000);
  process.send?.(report);
  if (process.send === undefined) console.log(report);
  process.disconnect?.();
}
