import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { AppFailure } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import { demultiplex } from '#engine/demux.ts';
import type { Engine } from '#engine/engine.ts';
import type { ExecRequest, ExecSession } from '#engine/streams.ts';
import type { Environment, PipeOptions, PipeResult, Server } from './profile.ts';
import type { Version } from './version.ts';

/** What is kept of a command's errors: enough to see why it failed. */
const ERRORS_KEPT_BYTES = 8 * 1024;

export interface ServerOptions {
  readonly engine: Engine;
  readonly container: ContainerId;
  readonly product: string;
  readonly version: Version;
  readonly environment: Environment;
  readonly password?: string | undefined;
}

/** A server in a container, as the profiles' carries use it: everything goes through exec, nothing over a network. */
export function containerServer(options: ServerOptions): Server {
  const { engine, container } = options;
  const server: Server = {
    product: options.product,
    version: options.version,
    environment: options.environment,
    password: options.password,
    exec: (command, more = {}) =>
      engine.exec(container, {
        ...request(command, more.user, more.env),
        stdin: more.stdin,
        limitBytes: more.limitBytes,
        signal: more.signal,
      }),
    open: (command, more = {}) =>
      engine.openExec(container, {
        ...request(command, more.user, more.env),
        tty: false,
        stdin: true,
        signal: more.signal,
      }),
    feed: (command, bytes, more) =>
      feed(engine, container, request(command, more.user, more.env), bytes, more),
    pipeTo: (command, target, targetCommand, more) =>
      pipe({ engine, container }, command, target, targetCommand, more),
    pipeFileTo: async (path, target, targetCommand, more) => {
      const file = singleFile(engine, container, path, more.signal);
      return target.feed(targetCommand, file, { ...more, user: more.targetUser, env: more.targetEnv });
    },
  };
  return server;
}

function request(
  command: readonly string[],
  user: string | undefined,
  env: Environment | undefined,
): ExecRequest {
  return { command, user, env: Object.entries(env ?? {}).map(([name, value]) => `${name}=${value}`) };
}

async function pipe(
  { engine, container }: { readonly engine: Engine; readonly container: ContainerId },
  command: readonly string[],
  target: Server,
  targetCommand: readonly string[],
  options: PipeOptions,
): Promise<PipeResult> {
  const source = await engine.openExec(container, {
    ...request(command, options.user, options.env),
    tty: false,
    stdin: false,
    signal: options.signal,
  });
  const errors = new Tail();
  try {
    const output = standardOutput(source, errors);
    const result = await target.feed(targetCommand, output, {
      ...options,
      user: options.targetUser,
      env: options.targetEnv,
    });
    // A target that stopped reading leaves the source blocked on its pipe: its connection is closed below.
    const sourceExitCode =
      result.targetExitCode === 0 ? await source.exitCode({ signal: options.signal }) : 0;
    return { ...result, sourceExitCode, sourceErrors: errors.text() };
  } finally {
    source.close();
  }
}

async function* standardOutput(session: ExecSession, errors: Tail): AsyncIterable<Uint8Array> {
  for await (const { stream, bytes } of demultiplex(session.output)) {
    if (stream === 'stdout') yield bytes;
    else errors.push(bytes);
  }
}

async function feed(
  engine: Engine,
  container: ContainerId,
  exec: ExecRequest,
  bytes: AsyncIterable<Uint8Array>,
  options: PipeOptions,
): Promise<PipeResult> {
  const session = await engine.openExec(container, {
    ...exec,
    tty: false,
    stdin: true,
    signal: options.signal,
  });
  const output = new Tail();
  try {
    const read = (async () => {
      for await (const { bytes: piece } of demultiplex(session.output)) output.push(piece);
    })();
    const total = await writeAll(
      session,
      options.filter ? options.filter(bytes) : bytes,
      read,
      options.onBytes,
    );
    session.end();
    await read;
    return {
      sourceExitCode: 0,
      targetExitCode: await session.exitCode({ signal: options.signal }),
      bytes: total,
      sourceErrors: '',
      targetOutput: output.text(),
    };
  } finally {
    session.close();
  }
}

/** Stops writing when the command has ended by itself: its exit code and its words tell why. */
async function writeAll(
  session: ExecSession,
  bytes: AsyncIterable<Uint8Array>,
  ended: Promise<void>,
  onBytes?: (bytes: number) => void,
): Promise<number> {
  let gone = false;
  const end = ended.finally(() => {
    gone = true;
  });
  let total = 0;
  for await (const chunk of bytes) {
    if (gone) break;
    await Promise.race([session.write(chunk), end]);
    total += chunk.length;
    onBytes?.(total);
  }
  return total;
}

/** The last bytes of a stream, as text. */
class Tail {
  #bytes: Buffer = Buffer.alloc(0);

  push(chunk: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]).subarray(-ERRORS_KEPT_BYTES);
  }

  text(): string {
    return this.#bytes.toString('utf8');
  }
}

/** The content of one file, out of the tar stream that the engine's archive call gives. */
async function* singleFile(
  engine: Engine,
  container: ContainerId,
  path: string,
  signal?: AbortSignal,
): AsyncIterable<Uint8Array> {
  const archive = await engine.readArchive(container, path, { signal });
  const unpack = extract();
  // A failure of either side ends both; the pipeline's own promise is awaited after the last byte.
  const fed = pipeline(Readable.from(archive), unpack);
  fed.catch(() => unpack.destroy());
  try {
    for await (const entry of unpack) {
      if (entry.header.type !== 'file') {
        throw new AppFailure({
          kind: 'data.dumpFailed',
          service: '',
          output: path,
          message: `${path} is not a file.`,
        });
      }
      for await (const chunk of entry) yield chunk as Uint8Array;
    }
    await fed;
  } finally {
    archive.close();
  }
}
