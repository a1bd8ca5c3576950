import { type AppError, AppFailure } from '#contract/errors.ts';
import type { Engine } from '#engine/engine.ts';
import { programOn } from './portHolder.ts';

/** The engine says only that a port is taken: this says by whom, a container or a program with its pid. */
export async function withHolder(error: AppError, engine: Engine): Promise<AppError> {
  if (error.kind !== 'port.inUse' || error.holder !== undefined) return error;
  try {
    return { ...error, holder: await holderOf(engine, error.port, error.protocol) };
  } catch (thrown) {
    // The engine has gone meanwhile: the card says what is known.
    if (thrown instanceof AppFailure) return error;
    throw thrown;
  }
}

async function holderOf(engine: Engine, port: number, protocol: string): Promise<string | undefined> {
  const containers = await engine.listContainers({ all: false });
  const container = containers.find(({ ports }) =>
    ports.some((entry) => entry.hostPort === port && entry.protocol === protocol),
  );
  if (container !== undefined) return `container ${container.name}`;
  return (await isHere(engine)) ? programOn(port, protocol) : undefined;
}

/** Is the engine's machine this one? Docker Desktop's ports are this machine's too. */
export async function isHere(engine: Engine): Promise<boolean> {
  const { endpoint } = await engine.info();
  return endpoint.startsWith('unix:') || endpoint.startsWith('npipe:');
}
