import { type AppError, AppFailure, cancelled, throwIfCancelled } from '#contract/errors.ts';
import type { Engine } from '#engine/engine.ts';
import { lost, type World } from './world.ts';

export type EngineCall = Exclude<
  { [K in keyof Engine]: Engine[K] extends (...args: never[]) => unknown ? K : never }[keyof Engine],
  'close'
>;

export interface RecordedCall {
  readonly method: EngineCall;
  readonly args: readonly unknown[];
}

/** What a test does to the calls that come. */
export class Faults {
  readonly #failures: { readonly method: EngineCall; readonly error: AppError; left: number }[] = [];
  readonly #holds = new Map<EngineCall, { readonly until: Promise<void> }>();

  /** The next `times` calls of `method` fail, before they do anything. */
  failNext(method: EngineCall, error: AppError, times = 1): void {
    this.#failures.push({ method, error, left: times });
  }

  /** Calls of `method` wait, before they do anything, until the returned function is called. */
  hold(method: EngineCall): () => void {
    let release = () => {};
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#holds.set(method, { until });
    return () => {
      this.#holds.delete(method);
      release();
    };
  }

  async apply(method: EngineCall): Promise<void> {
    await this.#holds.get(method)?.until;
    const failure = this.#failures.find((entry) => entry.method === method && entry.left > 0);
    if (failure === undefined) return;
    failure.left--;
    throw new AppFailure(failure.error);
  }
}

/**
 * Every call as it is over a real connection: counted, refused while the engine is away, given up on abort, broken when the
 * engine goes in the middle. What the engine had begun goes on without its caller, as it does in reality.
 */
export function guarded(
  world: World,
  faults: Faults,
  calls: RecordedCall[],
  target: Omit<Engine, 'close' | 'requests'>,
): Omit<Engine, 'close' | 'requests'> {
  return new Proxy(target, {
    get(object, property) {
      const method = property as EngineCall;
      const original = Reflect.get(object, property) as (...args: unknown[]) => Promise<unknown>;
      if (typeof original !== 'function') return original;
      return (...args: unknown[]) => {
        calls.push({ method, args });
        return connected(world, signalOf(args), async () => {
          await faults.apply(method);
          return original.apply(object, args);
        });
      };
    },
  });
}

function signalOf(args: readonly unknown[]): AbortSignal | undefined {
  const holder = args.findLast((arg) => typeof arg === 'object' && arg !== null && 'signal' in arg);
  return (holder as { readonly signal?: AbortSignal } | undefined)?.signal;
}

async function connected<T>(
  world: World,
  signal: AbortSignal | undefined,
  act: () => Promise<T>,
): Promise<T> {
  throwIfCancelled(signal);
  // Answers never come in the same turn of the loop.
  await Promise.resolve();
  if (!world.reachable) throw refused();
  let giveUp: (failure: AppFailure) => void = () => undefined;
  const broken = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  const onAbort = () => giveUp(signal?.reason instanceof AppFailure ? signal.reason : cancelled());
  world.connections.add(giveUp);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const work = act();
    work.catch(() => undefined);
    return await Promise.race([work, broken]);
  } catch (thrown) {
    throw signal?.aborted ? cancelled() : thrown;
  } finally {
    world.connections.delete(giveUp);
    signal?.removeEventListener('abort', onAbort);
  }
}

function refused(): AppFailure {
  const { error } = lost();
  if (error.kind !== 'engine.unreachable') throw new Error('unreachable');
  return new AppFailure({ ...error, reason: 'refused' });
}
