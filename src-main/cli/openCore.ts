import { type Core, createCore } from '#app/core.ts';
import { systemOptions } from '#app/hostOptions.ts';
import { connectEngine } from '#engine/dockerode/connectEngine.ts';

/** The core with this machine's engine, folders and time. */
export function openCore(purpose: 'app' | 'command'): Core {
  return createCore(systemOptions({ connectEngine, purpose }));
}
