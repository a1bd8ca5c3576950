import { cancelled, throwIfCancelled } from '#contract/errors.ts';
import type { Cancel, Engine } from '#engine/engine.ts';
import type { ExecRequest, ExecResult, ExecSession } from '#engine/streams.ts';
import { Channel } from './channel.ts';
import { Connection } from './connection.ts';
import { frame } from './logs.ts';
import { mustRun } from './process.ts';
import type { ExecCall, ExecOutcome } from './program.ts';
import type { FakeContainer } from './state.ts';
import type { World } from './world.ts';

const DEFAULT_LIMIT_BYTES = 1024 * 1024;
/** What a shell says of a command that does not exist; the engine's exec does too. */
const NO_SUCH_COMMAND = 126;

export function execCalls(world: World): Pick<Engine, 'exec' | 'openExec'> {
  return {
    async exec(id, request) {
      const container = world.container(id);
      mustRun(container);
      const run = begin(world, container, request, false);
      const outcome = await finish(world, container, run, request.stdin ?? new Uint8Array());
      return bounded(outcome, request.limitBytes ?? DEFAULT_LIMIT_BYTES);
    },
    async openExec(id, request) {
      const container = world.container(id);
      mustRun(container);
      return openSession(world, container, request);
    },
  };
}

interface ExecRun {
  readonly id: string;
  readonly request: ExecRequest;
  readonly tty: boolean;
  size: { readonly columns: number; readonly rows: number } | undefined;
}

function begin(world: World, container: FakeContainer, request: ExecRequest, tty: boolean): ExecRun {
  const run: ExecRun = { id: world.newId(), request, tty, size: undefined };
  const event = { detail: request.command.join(' '), attributes: { execID: run.id } };
  world.emitContainer(container, 'exec_create', event);
  world.emitContainer(container, 'exec_start', event);
  return run;
}

async function finish(
  world: World,
  container: FakeContainer,
  run: ExecRun,
  stdin: Uint8Array,
): Promise<ExecOutcome> {
  const { command, user, env } = run.request;
  const call = { container, command, user, env: env ?? [], stdin, tty: run.tty, size: () => run.size };
  const outcome = await handle(world, call);
  const running = container.running?.signal;
  if (outcome.afterMs !== undefined) await world.clock.sleep(outcome.afterMs, running).catch(() => undefined);
  // The container's end takes its execs along.
  const exitCode = running?.aborted ? 137 : outcome.exitCode;
  world.emitContainer(container, 'exec_die', { attributes: { execID: run.id, exitCode: String(exitCode) } });
  return { ...outcome, exitCode };
}

async function handle(world: World, call: ExecCall): Promise<ExecOutcome> {
  for (const handler of world.execHandlers.toReversed()) {
    const outcome = await handler(call);
    if (outcome !== undefined) return outcome;
  }
  const stdout = `OCI runtime exec failed: exec: "${call.command[0]}": executable file not found in $PATH\r\n`;
  return { exitCode: NO_SUCH_COMMAND, stdout };
}

function bounded(outcome: ExecOutcome, limit: number): ExecResult {
  const stdout = bytesOf(outcome.stdout);
  const stderr = bytesOf(outcome.stderr);
  const keptOut = stdout.subarray(0, limit);
  const keptErr = stderr.subarray(0, limit - keptOut.length);
  const truncated = keptOut.length + keptErr.length < stdout.length + stderr.length;
  return { exitCode: outcome.exitCode, stdout: keptOut, stderr: keptErr, truncated };
}

function bytesOf(value: string | Uint8Array | undefined): Uint8Array {
  return typeof value === 'string' ? Buffer.from(value) : (value ?? new Uint8Array());
}

/** The handler is asked once, when input has ended (at once when there is none). */
function openSession(
  world: World,
  container: FakeContainer,
  request: ExecRequest & { readonly tty: boolean; readonly stdin: boolean } & Cancel,
): ExecSession {
  const run = begin(world, container, request, request.tty);
  const input: Uint8Array[] = [];
  const output = new Channel<Uint8Array>(() => connection.close());
  const connection = new Connection(world, request.signal, () => output.end(brokenBy(connection)));
  let started: Promise<number> | undefined;
  const start = () => {
    started ??= finish(world, container, run, Buffer.concat(input)).then((outcome) => {
      deliver(output, outcome, request.tty);
      return outcome.exitCode;
    });
  };
  if (!request.stdin) start();
  let onRead = () => {};
  const read = new Promise<void>((resolve) => {
    onRead = resolve;
  });
  async function* chunks(): AsyncGenerator<Uint8Array, void, void> {
    try {
      yield* output;
    } finally {
      onRead();
    }
  }
  const iterator = chunks();
  const close = () => {
    output.close();
    onRead();
  };
  return {
    id: run.id,
    output: { [Symbol.asyncIterator]: () => iterator, close },
    write: async (bytes) => void input.push(bytes),
    end: start,
    close,
    resize: async (size) => {
      run.size = size;
    },
    exitCode: async (options) => {
      await untilAborted(read, options?.signal);
      start();
      return started ?? 0;
    },
  };
}

function brokenBy(connection: Connection): unknown {
  try {
    connection.throwIfBroken();
    return undefined;
  } catch (failure) {
    return failure;
  }
}

function deliver(output: Channel<Uint8Array>, { stdout, stderr }: ExecOutcome, tty: boolean): void {
  for (const [stream, value] of [['stdout', stdout] as const, ['stderr', stderr] as const]) {
    const bytes = bytesOf(value);
    if (bytes.length > 0) output.push(tty ? bytes : frame(stream, bytes));
  }
  output.end();
}

async function untilAborted(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  throwIfCancelled(signal);
  await Promise.race([
    promise,
    new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(cancelled()), { once: true });
    }),
  ]);
}
