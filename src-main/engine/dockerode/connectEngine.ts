import { AppFailure, throwIfCancelled, toAppError } from '#contract/errors.ts';
import { discoverEndpoints, type EngineEnvironment } from '../discovery.ts';
import type { EngineEndpoint } from '../endpoints.ts';
import type { Engine } from '../engine.ts';
import { type Attempt, noEngine } from '../noEngine.ts';
import { systemEnvironment } from '../systemEnvironment.ts';
import { openEngine } from './dockerodeEngine.ts';
import { unreachable } from './errors.ts';

/** A local engine answers in milliseconds, one over the network in a second; ssh may ask a key agent first. */
const ANSWER_LIMIT_MS = 10_000;
const SSH_LIMIT_MS = 45_000;

/**
 * The first engine that answers, in discovery's order. When none does, rejects with `engine.unreachable` (which says what was
 * tried and what to do) or `engine.tooOld`; with `cancelled` when `signal` aborts.
 */
export async function connectEngine(
  signal?: AbortSignal,
  environment: EngineEnvironment = systemEnvironment(),
): Promise<Engine> {
  const attempts: Attempt[] = [];
  for (const endpoint of await discoverEndpoints(environment)) {
    throwIfCancelled(signal);
    const outcome = await attempt(endpoint, signal);
    if (!('error' in outcome)) return outcome;
    throwIfCancelled(signal);
    attempts.push({ endpoint, error: outcome.error });
  }
  throw noEngine(attempts, environment.platform);
}

async function attempt(
  endpoint: EngineEndpoint,
  signal: AbortSignal | undefined,
): Promise<Engine | Pick<Attempt, 'error'>> {
  const limitMs = endpoint.address.type === 'ssh' ? SSH_LIMIT_MS : ANSWER_LIMIT_MS;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(unreachable(endpoint.url, 'lost')), limitMs);
  const either = signal === undefined ? limit.signal : AbortSignal.any([signal, limit.signal]);
  try {
    return await openEngine(endpoint, { signal: either });
  } catch (thrown) {
    if (!(thrown instanceof AppFailure)) throw thrown;
    return { error: toAppError(thrown) };
  } finally {
    clearTimeout(timer);
  }
}
