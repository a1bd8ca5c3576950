import { openEngine } from '#engine/dockerode/dockerodeEngine.ts';
import type { Engine } from '#engine/engine.ts';
import {
  openPrivateEngine,
  type PrivateEngine,
  type PrivateEngineOptions,
} from '#support/privateEngine/privateEngine.ts';
import { Stack } from '#support/scenario.ts';

/** A stack on an engine of its own, for what no other test may feel. Dispose it. */
export interface PrivateStack extends AsyncDisposable {
  readonly stack: Stack;
  readonly daemon: PrivateEngine;
}

/** `images`: copied from the engine that the tests share; none where the stack is to pull them. */
export async function openPrivateStack(own: {
  readonly folder: string;
  readonly images: readonly string[];
  readonly engine?: PrivateEngineOptions;
}): Promise<PrivateStack> {
  await using cleanups = new AsyncDisposableStack();
  const daemon = cleanups.use(await openPrivateEngine(own.engine));
  if (own.images.length > 0) await daemon.loadImages(...own.images);
  const engine: Engine = await openEngine(daemon.endpoint);
  cleanups.defer(() => engine.close());
  const stack = new Stack({ folder: own.folder, engine: () => engine, name: 'faults' });
  cleanups.defer(() => stack.clear());
  const all = cleanups.move();
  return { stack, daemon, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
