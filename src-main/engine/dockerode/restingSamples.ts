/** A container below this share of a core, whose memory moves by less than this part of it, is at rest. */
const RESTING_CPU = 0.005;
const RESTING_MEMORY = 0.005;
const NANOSECONDS = 1e9;
/**
 * The engine sends a sample a second and cannot be asked for fewer: of a container at rest one is looked at in each of these
 * spans, which begin for all streams at once, so that whoever listens wakes once for all of them.
 */
const SPAN_MS = 5_000;
/** After so many spans of rest, a minute, two at a time are slept through. */
const LONG_REST = 12;
/** What is seen at rest is the same as what was told before: it is told again once in each of these, of all streams together. */
const TOLD_MS = 30_000;

/** Tells of the samples of one stream which are worth reading. */
export interface RestingSamples {
  /** Whether this one, as the bytes it came in, is worth it. */
  readonly wanted: (line: Uint8Array) => boolean;
  /** Milliseconds for which the stream can be left alone; 0 while the container moves, and in its first span of rest. */
  readonly restMs: () => number;
}

/**
 * Fifty containers at rest would otherwise wake the process for fifty documents each second that say that nothing happened.
 * What moved meanwhile is read late, not lost. A sample that does not look as the engine's own do is always wanted.
 */
export function restingSamples(
  now: () => number = () => performance.now(),
  spanMs: number = SPAN_MS,
): RestingSamples {
  let span = -1;
  let told = { era: -1, memory: -1, moved: true };
  /** Spans in a row that were looked into and showed rest. */
  let rested = 0;
  return {
    wanted(line) {
      const usage = usageIn(line);
      const current = Math.floor(now() / spanMs);
      const moved = usage === undefined || usage.cpu >= RESTING_CPU || hasMoved(usage.memory, told.memory);
      if (moved) rested = 0;
      else if (current !== span) rested += 1;
      span = current;
      const era = Math.floor(now() / TOLD_MS);
      if (!moved && !told.moved && era === told.era) return false;
      told = { era, memory: usage?.memory ?? -1, moved };
      return true;
    },
    restMs: () => {
      const pace = rested < LONG_REST ? spanMs : 2 * spanMs;
      return rested < 2 ? 0 : pace - (now() % pace);
    },
  };
}

function hasMoved(now: number, before: number): boolean {
  return before < 0 || Math.abs(now - before) >= before * RESTING_MEMORY;
}

interface Usage {
  /** Share of a core since the sample before. */
  readonly cpu: number;
  /** Bytes, the page cache included. */
  readonly memory: number;
}

/** Only the first, of `cpu_stats`, and the second, of `precpu_stats`, are called so. */
const TOTAL = Buffer.from('"total_usage":');
const MEMORY = Buffer.from('"memory_stats":{"usage":');

function usageIn(line: Uint8Array): Usage | undefined {
  const bytes = Buffer.from(line.buffer, line.byteOffset, line.byteLength);
  const [now, afterNow] = numberAfter(bytes, TOTAL, 0);
  const [before] = numberAfter(bytes, TOTAL, afterNow);
  const [memory] = numberAfter(bytes, MEMORY, 0);
  // The first sample of a stream has nothing before it.
  if (now === undefined || memory === undefined || !before) return undefined;
  return { cpu: (now - before) / NANOSECONDS, memory };
}

/** The number behind these bytes, and where to look on. */
function numberAfter(bytes: Buffer, name: Buffer, from: number): readonly [number | undefined, number] {
  const found = bytes.indexOf(name, from);
  if (found < 0) return [undefined, bytes.length];
  let at = found + name.length;
  let value = 0;
  for (; at < bytes.length; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return [value, at];
}
