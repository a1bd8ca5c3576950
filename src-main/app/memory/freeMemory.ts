import os from 'node:os';
import type { EngineStatus } from '#contract/model.ts';

/** An engine that has as much memory as this machine, give or take what a kernel keeps for itself, is on it. */
const SAME_MACHINE = 0.02;

/** What the engine's machine can still give, bytes: what is free here where it is this one, else all that it has. */
export function freeMemory(status: EngineStatus): number {
  if (status.type !== 'connected') return os.freemem();
  const here = Math.abs(status.memoryBytes - os.totalmem()) < SAME_MACHINE * os.totalmem();
  return here ? os.freemem() : status.memoryBytes;
}
