import { createServer } from 'node:net';
import { overrideService } from '#compose/override.ts';
import type { Port, Project } from '#compose/project.ts';
import { missing } from '../requestBase.ts';
import { slipwayFiles } from '../versions/slipwayFiles.ts';
import type { Asked, BootAfter, FixContext } from './fixContext.ts';
import { variablesForPort } from './variablesForPort.ts';

/**
 * Publishes the same container port on a port that is free, and has every variable that names the old one name the new one;
 * all of it in Slipway's override.
 */
export async function movePort({ source }: FixContext, asked: Asked): Promise<BootAfter> {
  const project = source.require();
  const [taken = '', protocol = 'tcp'] = asked.argument.split('/');
  const ports = project.services[asked.service]?.ports ?? [];
  const index = ports.findIndex((port) => port.published === taken && (port.protocol ?? 'tcp') === protocol);
  if (index < 0) {
    throw missing(`port ${asked.argument}`, `${asked.service} does not publish ${asked.argument}.`);
  }
  const free = String(await freePort(publishedPorts(project)));
  const moved = ports.map((port, at) => (at === index ? { ...port, published: free } : port));
  const files = slipwayFiles(project.workingDir);
  await files.writeOverride(
    overridden(await files.readOverride(), project, { ...asked, moved, taken, free }),
  );
  return {};
}

function overridden(
  text: string | undefined,
  project: Project,
  move: {
    readonly service: string;
    readonly moved: readonly Port[];
    readonly taken: string;
    readonly free: string;
  },
): string | undefined {
  let next = overrideService(text, move.service, { ports: move.moved });
  for (const [service, environment] of Object.entries(variablesForPort(project, move.taken, move.free))) {
    next = overrideService(next, service, { environment });
  }
  return next;
}

function publishedPorts(project: Project): ReadonlySet<number> {
  const all = Object.values(project.services).flatMap(({ ports }) => ports ?? []);
  return new Set(all.map(({ published }) => Number(published)));
}

/**
 * The system knows one that is free, and the project must not want it for another service. It may be taken again before the
 * container starts; then the card comes back.
 */
async function freePort(wanted: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const port = await anyPort();
    if (!wanted.has(port)) return port;
  }
}

function anyPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '0.0.0.0', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
