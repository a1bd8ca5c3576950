import { Demuxer } from '#engine/demux.ts';
import type { Engine } from '#engine/engine.ts';
import type { ObservedContainer } from '#plan/observed.ts';

/** Whose line it is; the container itself may be gone. */
export type LineOwner = Pick<ObservedContainer, 'id' | 'service' | 'number' | 'name'>;

/** A line as a container wrote it. */
export interface ContainerLine {
  readonly container: LineOwner;
  /** RFC 3339 with nine digits after the second, UTC: sorts as text. */
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  /** Raw bytes, without the line's end. */
  readonly text: Buffer;
}

export interface LineRange {
  readonly follow: boolean;
  /** The last so many; all when left out. */
  readonly tail?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

/** A line longer than this is given in pieces: a container that never ends its line must not fill the memory. */
const LINE_LIMIT_BYTES = 1024 * 1024;
const LINE_FEED = 10;
const SPACE = 32;

/** One container's lines, oldest first, straight from the engine. Nothing is read ahead of its reader. */
export async function* containerLines(
  engine: Engine,
  container: ObservedContainer,
  range: LineRange & { readonly signal: AbortSignal },
): AsyncGenerator<ContainerLine, void, void> {
  const { follow, tail, sinceMs, untilMs, signal } = range;
  const source = await engine.openLogs(container.id, {
    follow,
    tail,
    since: sinceMs === undefined ? undefined : engineTime(sinceMs),
    until: untilMs === undefined ? undefined : engineTime(untilMs),
    timestamps: true,
    signal,
  });
  const cutters = { stdout: new LineCutter(), stderr: new LineCutter() };
  const demuxer = new Demuxer();
  const piecesOf = (bytes: Uint8Array) =>
    container.tty ? [{ stream: 'stdout' as const, bytes }] : demuxer.push(bytes);
  try {
    for await (const chunk of source) {
      for (const { stream, bytes } of piecesOf(chunk)) {
        const name = stream === 'stderr' ? 'stderr' : 'stdout';
        yield* cutters[name].push(bytes).map((line) => parseLine(container, name, line));
      }
    }
    yield* cutters.stdout.rest().map((line) => parseLine(container, 'stdout', line));
    yield* cutters.stderr.rest().map((line) => parseLine(container, 'stderr', line));
  } finally {
    source.close();
  }
}

/** The engine puts the time before each line, with a space between. */
function parseLine(
  container: ObservedContainer,
  stream: ContainerLine['stream'],
  line: Buffer,
): ContainerLine {
  const space = line.indexOf(SPACE);
  const end = container.tty && line.at(-1) === 13 ? line.length - 1 : line.length;
  return { container, stream, time: line.toString('latin1', 0, space), text: line.subarray(space + 1, end) };
}

/** Seconds with nanoseconds, as the engine takes times. */
function engineTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const nanos = Math.round((ms - seconds * 1000) * 1e6);
  return `${seconds}.${String(nanos).padStart(9, '0')}`;
}

/** Cuts a stream of bytes at its line feeds. */
class LineCutter {
  #parts: Uint8Array[] = [];
  #size = 0;

  push(bytes: Uint8Array): Buffer[] {
    const lines: Buffer[] = [];
    let at = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, at)) {
      lines.push(this.#take(bytes.subarray(at, end)));
      at = end + 1;
    }
    if (at < bytes.length) {
      // The chunk's buffer belongs to the engine's connection and may be used again.
      this.#parts.push(bytes.slice(at));
      this.#size += bytes.length - at;
    }
    if (this.#size > LINE_LIMIT_BYTES) lines.push(this.#take(new Uint8Array()));
    return lines;
  }

  /** A last line without an end. */
  rest(): Buffer[] {
    return this.#size === 0 ? [] : [this.#take(new Uint8Array())];
  }

  #take(last: Uint8Array): Buffer {
    const line = Buffer.concat([...this.#parts, last]);
    this.#parts = [];
    this.#size = 0;
    return line;
  }
}
