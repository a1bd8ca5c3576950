import type { Clock } from '#base/clock.ts';
import type { OpenLogs } from '#engine/streams.ts';

interface Entry {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Uint8Array;
  /** Nanoseconds since the epoch. */
  readonly at: bigint;
}

const NANOS_PER_MS = 1_000_000n;

/** A container's log as the json-file driver keeps it: one entry per line, each with its own time. */
export class LogStore {
  readonly #clock: Clock;
  readonly #entries: Entry[] = [];
  #last = 0n;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get length(): number {
    return this.#entries.length;
  }

  /** `at`, in milliseconds: when it was due, however late a timer of a busy machine was. */
  append(stream: 'stdout' | 'stderr', text: string | Uint8Array, at = this.#clock.now()): void {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    let start = 0;
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
      this.#entries.push({ stream, bytes: bytes.subarray(start, end + 1), at: this.#next(at) });
      start = end + 1;
    }
    if (start < bytes.length)
      this.#entries.push({ stream, bytes: bytes.subarray(start), at: this.#next(at) });
  }

  /** Index of the first entry that `options` asks for. */
  start(options: OpenLogs): number {
    const since = options.since === undefined ? 0n : nanoseconds(options.since);
    const first = this.#entries.findIndex((entry) => entry.at >= since);
    if (first < 0) return this.#entries.length;
    return options.tail === undefined ? first : Math.max(first, this.#entries.length - options.tail);
  }

  /** One entry as it goes over the wire; undefined where it is filtered out, `end` past the last or past `until`. */
  read(index: number, options: OpenLogs, tty: boolean): Uint8Array | 'end' | undefined {
    const entry = this.#entries[index];
    if (entry === undefined) return 'end';
    if (options.until !== undefined && entry.at > nanoseconds(options.until)) return 'end';
    if (options[entry.stream] === false) return undefined;
    const stamp = options.timestamps ? Buffer.from(`${rfc3339(entry.at)} `) : Buffer.alloc(0);
    const line = Buffer.concat([stamp, entry.bytes]);
    return tty ? line : frame(entry.stream, line);
  }

  /** No two entries share a time, as with a clock that counts nanoseconds. */
  #next(at: number): bigint {
    const now = BigInt(Math.floor(at)) * NANOS_PER_MS;
    this.#last = now > this.#last ? now : this.#last + 1n;
    return this.#last;
  }
}

/** The 8-byte header and what it announces. */
export function frame(stream: 'stdout' | 'stderr', bytes: Uint8Array): Uint8Array {
  const header = Buffer.alloc(8);
  header[0] = stream === 'stdout' ? 1 : 2;
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

function nanoseconds(seconds: string): bigint {
  const [whole = '0', fraction = ''] = seconds.split('.');
  return BigInt(whole) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
}

function rfc3339(nanos: bigint): string {
  const iso = new Date(Number(nanos / NANOS_PER_MS)).toISOString();
  return `${iso.slice(0, 19)}.${(nanos % 1_000_000_000n).toString().padStart(9, '0')}Z`;
}
