import { createServer } from 'node:net';
import { overrideService } from '#compose/override.ts';
import type { Project, Service } from '#compose/project.ts';
import { AppFailure } from '#contract/errors.ts';
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
  const move = movesOf(project).find(
    (entry) => entry.service === asked.service && entry.from === taken && entry.protocol === protocol,
  );
  if (move === undefined) {
    throw missing(`port ${asked.argument}`, `${asked.service} does not publish ${asked.argument}.`);
  }
  await writeMoves(project, [move]);
  return {};
}

/** A published port, and the one that it went to. */
export interface MovedPort {
  readonly service: string;
  readonly from: string;
  readonly to: string;
}

/** Moves every TCP port of the project that somebody on this machine listens on already. The files must be read again after it. */
export async function moveTakenPorts(project: Project): Promise<readonly MovedPort[]> {
  const tried = await Promise.all(
    movesOf(project).map(async (move) => (move.protocol === 'tcp' && !(await isFree(move)) ? [move] : [])),
  );
  const taken = tried.flat();
  return taken.length === 0 ? [] : writeMoves(project, taken);
}

interface Move {
  readonly service: string;
  /** In the service's list. */
  readonly index: number;
  readonly from: string;
  readonly hostIp?: string | undefined;
  readonly protocol: string;
}

/** Every published port of one fixed number. */
function movesOf(project: Project): readonly Move[] {
  return Object.entries(project.services).flatMap(([service, { ports }]) =>
    (ports ?? []).flatMap(({ published, protocol = 'tcp', host_ip: hostIp }, index) =>
      published !== undefined && /^\d+$/.test(published) && published !== '0'
        ? [{ service, index, from: published, hostIp, protocol }]
        : [],
    ),
  );
}

async function writeMoves(project: Project, moves: readonly Move[]): Promise<readonly MovedPort[]> {
  const files = slipwayFiles(project.workingDir);
  const wanted = new Set(movesOf(project).map(({ from }) => Number(from)));
  let text = await files.readOverride();
  let moved = project;
  const done: MovedPort[] = [];
  for (const move of moves) {
    const to = String(await freePort(wanted));
    wanted.add(Number(to));
    moved = withMove(moved, move, to);
    done.push({ service: move.service, from: move.from, to });
  }
  for (const [service, { ports, environment }] of Object.entries(moved.services)) {
    const before = project.services[service];
    if (ports !== before?.ports) text = overrideService(text, service, { ports });
    if (environment !== before?.environment)
      text = overrideService(text, service, { environment: changed(before?.environment, environment) });
  }
  await files.writeOverride(text);
  return done;
}

/** The project as it is with one port moved, and what names that port moved with it. */
function withMove(project: Project, { service, index, from }: Move, to: string): Project {
  const named = variablesForPort(project, from, to);
  const services = Object.entries(project.services).map(([name, definition]): [string, Service] => {
    const ports = definition.ports?.map((port, at) => (at === index ? { ...port, published: to } : port));
    const environment = { ...definition.environment, ...named[name] };
    return [
      name,
      {
        ...definition,
        ...(name === service && { ports }),
        ...(named[name] !== undefined && { environment }),
      },
    ];
  });
  return { ...project, services: Object.fromEntries(services) };
}

function changed(
  before: Service['environment'],
  after: Service['environment'],
): Record<string, string | null> {
  return Object.fromEntries(Object.entries(after ?? {}).filter(([name, value]) => before?.[name] !== value));
}

/**
 * The system knows one that is free, and the project must not want it for another service. It may be taken again before the
 * container starts; then the card comes back.
 */
async function freePort(wanted: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const port = await listening(0, '0.0.0.0');
    if (port === undefined)
      throw new AppFailure({ kind: 'internal', message: 'This machine has no free port to give.' });
    if (!wanted.has(port)) return port;
  }
}

async function isFree({ from, hostIp }: Move): Promise<boolean> {
  return (await listening(Number(from), hostIp ?? '0.0.0.0')) !== undefined;
}

/** Listens for a moment: the port's number, or undefined where that cannot be. */
function listening(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}
