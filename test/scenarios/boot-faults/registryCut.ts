import type { Socket } from 'node:net';
import { Transform } from 'node:stream';
import { expect } from 'vitest';
import { toHub } from '#support/privateEngine/privateEngine.ts';
import type { SeededRandom } from '../../support/seededRandom.ts';
import type { PrivateStack } from './privateStack.ts';

/** A registry that drops its connections after a number of bytes: that one, and some of those that come after it. */
export class CuttingRegistry {
  #left = Number.POSITIVE_INFINITY;
  #refused = 0;
  cuts = 0;
  /** All that went through. */
  bytes = 0;

  /** From now on. `refused`: so many connections after the cut are dropped at once, too. */
  arm(own: { readonly afterBytes: number; readonly refused: number }): void {
    this.#left = own.afterBytes;
    this.#refused = own.refused;
    this.cuts = 0;
  }

  disarm(): void {
    this.#left = Number.POSITIVE_INFINITY;
    this.#refused = 0;
  }

  /** For `openPrivateEngine`. */
  readonly serve = (connection: Socket): void => {
    if (this.cuts > 0 && this.#refused > 0) {
      this.#refused -= 1;
      connection.destroy();
      return;
    }
    const hub = toHub(connection);
    hub.unpipe(connection);
    const meter = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        this.bytes += chunk.length;
        this.#left -= chunk.length;
        if (this.#left > 0) return done(undefined, chunk);
        const kept = chunk.subarray(0, Math.max(0, chunk.length + this.#left));
        this.#left = Number.POSITIVE_INFINITY;
        this.cuts += 1;
        connection.write(kept);
        connection.destroySoon();
        hub.destroy();
        done();
      },
    });
    hub.pipe(meter).pipe(connection);
  };
}

/** What the engine reads of the registry for a whole pull: so that every byte of one may be hit. */
export async function bytesOfPull({ stack }: PrivateStack, registry: CuttingRegistry): Promise<number> {
  await forgetImages(stack);
  const before = registry.bytes;
  expect(await (await stack.open()).boot()).toEqual({ outcome: 'done' });
  return registry.bytes - before;
}

/**
 * Boots while the registry drops the pull at a random byte. The boot pulls on or says what broke off, and the next one is green.
 */
export async function bootWithCutPull(
  { stack }: PrivateStack,
  own: {
    readonly registry: CuttingRegistry;
    readonly pullBytes: number;
    readonly random: SeededRandom;
    /** Connections after the cut that are dropped, too; the engine waits longer after each. */
    readonly mostRefused: number;
  },
): Promise<'went on' | 'said why'> {
  const { registry, pullBytes, random } = own;
  await forgetImages(stack);
  registry.arm({ afterBytes: 1 + random.below(pullBytes), refused: random.below(own.mostRefused + 1) });
  const result = await (await stack.open()).boot();
  if (result.outcome === 'failed')
    for (const { error } of result.failures) expect(error.kind, error.message).not.toBe('internal');
  registry.disarm();
  expect(await (await stack.open()).boot()).toEqual({ outcome: 'done' });
  expect(await stack.states()).toEqual(['site-1 running']);
  return result.outcome === 'done' ? 'went on' : 'said why';
}

async function forgetImages(stack: PrivateStack['stack']): Promise<void> {
  await stack.clear();
  for (const { id } of await stack.engine.listImages()) await stack.engine.removeImage(id, { force: true });
}
