import { createServer } from 'node:net';
import { LABELS } from '#compose/labels.ts';
import type { ContainerSummary } from '#engine/containers.ts';
import { listenersOn } from './fixes/listeners.ts';

/** Who holds a port on this machine, in words; undefined where it is free or this project's own. */
export async function portHolder(asked: {
  readonly port: number;
  readonly protocol: string;
  readonly project: string;
  readonly containers: readonly ContainerSummary[];
}): Promise<string | undefined> {
  const container = asked.containers.find(({ ports }) =>
    ports.some((entry) => entry.hostPort === asked.port && entry.protocol === asked.protocol),
  );
  if (container?.labels[LABELS.project] === asked.project) return undefined;
  if (container !== undefined) return `container ${container.name}`;
  if (asked.protocol !== 'tcp') return undefined;
  return (await isPortFree(asked.port)) ? undefined : programOn(asked.port, asked.protocol);
}

/** The programs that listen, by name and pid where the system tells. */
export async function programOn(port: number, protocol: string): Promise<string> {
  const found = await listenersOn(port, protocol);
  if (found.length === 0) return 'a program on this machine';
  return found.map(({ pid, program }) => `${program} (process ${pid})`).join(' and ');
}

/** Listening is the only test that is sure, and it is over at once. A port below 1024 that may not be listened on counts as free. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (failure: NodeJS.ErrnoException) => resolve(failure.code !== 'EADDRINUSE'));
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
