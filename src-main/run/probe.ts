import type { Clock } from '#base/clock.ts';
import { AppFailure, type HealthOutput } from '#contract/errors.ts';
import type { ContainerDetails } from '#engine/containers.ts';
import type { Engine } from '#engine/engine.ts';

/** The first pause after a failed check and the longest, milliseconds; each is half as long again as the one before. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;
const GROWTH = 1.5;
/**
 * A check rests at least as long as it took: one that burns seconds of CPU (rabbitmq-diagnostics starts an Erlang of its
 * own) would otherwise slow the very start that it waits for. A slow check still comes sooner than the engine's 30 s.
 */
const LONGEST_REST_MS = 5_000;
/** One that takes no longer burns nothing worth a rest: most of it is the engine's own. */
const SHORT_CHECK_MS = 250;
/** The engine's own limit for a check that names none. Source: Docker Engine, HealthConfig.Timeout. */
const DEFAULT_TIMEOUT_MS = 30_000;
/** The engine keeps as much of a check's output. */
const OUTPUT_LIMIT_BYTES = 4_096;

export interface ProbeOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onResult: (result: HealthOutput) => void;
}

/** A check that is not the container's own. */
export interface OtherCheck {
  readonly command: readonly string[];
  readonly timeoutMs: number;
}

/**
 * Runs a container's own healthcheck (or another check that is given), as its user and in its environment, until it passes. Resolves with a word on how
 * long that took, or with undefined when there is nothing to run or the wait has ended. A check that fails is no verdict:
 * that stays with the engine and its retries.
 */
export async function probeUntilPassed(
  details: ContainerDetails,
  options: ProbeOptions,
  other?: OtherCheck,
): Promise<string | undefined> {
  const check: Check | undefined = other ?? healthcheckOf(details);
  if (check === undefined) return undefined;
  const began = options.clock.monotonic();
  for (
    let pause = FIRST_PAUSE_MS;
    !options.signal.aborted;
    pause = Math.min(Math.round(pause * GROWTH), LONGEST_PAUSE_MS)
  ) {
    const asked = options.clock.monotonic();
    const result = await runCheck(details, check, options);
    if (options.signal.aborted) return undefined;
    const answered = options.clock.monotonic();
    if (result !== undefined) options.onResult(result);
    if (result?.exitCode === 0) return passedNote(answered - began, check.intervalMs);
    const took = answered - asked;
    const rest = Math.max(pause, took > SHORT_CHECK_MS ? Math.min(took, LONGEST_REST_MS) : 0);
    await options.clock.sleep(rest, options.signal).catch(() => undefined);
  }
  return undefined;
}

interface Check {
  readonly command: readonly string[];
  readonly timeoutMs: number;
  /** The engine's pause between its checks; undefined for a check that the engine does not make. */
  readonly intervalMs?: number | undefined;
}

function passedNote(tookMs: number, intervalMs: number | undefined): string {
  const seconds = (tookMs / 1000).toFixed(1);
  if (intervalMs === undefined) return `answers after ${seconds} s`;
  return `own check passed after ${seconds} s, not ${Math.round(intervalMs / 1000)}`;
}

/** The engine's default interval. Source: Docker Engine, HealthConfig.Interval. */
const DEFAULT_INTERVAL_MS = 30_000;

function healthcheckOf(details: ContainerDetails): Check | undefined {
  const config = asRecord(details.raw['Config']);
  const health = asRecord(config['Healthcheck']);
  const test = Array.isArray(health['Test']) ? health['Test'].map(String) : [];
  const [form, ...rest] = test;
  const timing = {
    timeoutMs: milliseconds(health['Timeout'], DEFAULT_TIMEOUT_MS),
    intervalMs: milliseconds(health['Interval'], DEFAULT_INTERVAL_MS),
  };
  if (form === 'CMD' && rest.length > 0) return { command: rest, ...timing };
  if (form !== 'CMD-SHELL' || rest[0] === undefined) return undefined;
  const shell = Array.isArray(config['Shell']) ? config['Shell'].map(String) : ['/bin/sh', '-c'];
  return { command: [...shell, rest[0]], ...timing };
}

function milliseconds(nanoseconds: unknown, otherwise: number): number {
  return typeof nanoseconds === 'number' && nanoseconds > 0 ? nanoseconds / 1e6 : otherwise;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

async function runCheck(
  details: ContainerDetails,
  check: Check,
  options: ProbeOptions,
): Promise<HealthOutput | undefined> {
  const limit = new AbortController();
  const over = new AbortController();
  void options.clock.sleep(check.timeoutMs, over.signal).then(
    () => limit.abort(),
    () => undefined,
  );
  try {
    const result = await options.engine.exec(details.id, {
      command: check.command,
      limitBytes: OUTPUT_LIMIT_BYTES,
      signal: AbortSignal.any([options.signal, limit.signal]),
    });
    const output = new TextDecoder().decode(result.stdout) + new TextDecoder().decode(result.stderr);
    return { exitCode: result.exitCode, output, at: options.clock.now() };
  } catch (thrown) {
    // Not up yet, restarting, or too slow: not passed. The gate's events decide what becomes of the wait.
    if (thrown instanceof AppFailure) return undefined;
    throw thrown;
  } finally {
    over.abort();
  }
}
