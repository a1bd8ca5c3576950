import type { TestProject } from 'vitest/node';
import { ensureHub } from '../hub/hub.ts';

/** What every test against a real engine may use at once; a scenario that needs more asks `needImages`. */
const COMMON_IMAGES = ['busybox'];

/** Vitest's global set-up for tests that need an engine: once per run, before any file. */
export async function setup(project: TestProject): Promise<void> {
  const hub = await ensureHub({ only: COMMON_IMAGES, log: (line) => process.stderr.write(`${line}\n`) });
  project.provide('engineHost', hub.engine.host);
}

/** Images that a scenario needs, such as `postgres:15`; builds what the hub does not have yet. Call it in `beforeAll`. */
export async function needImages(...references: readonly string[]): Promise<void> {
  await ensureHub({ only: references });
}

declare module 'vitest' {
  interface ProvidedContext {
    /** As in DOCKER_HOST. */
    engineHost: string;
  }
}
