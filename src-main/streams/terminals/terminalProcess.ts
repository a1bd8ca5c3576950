import type { ContainerId } from '#contract/ids.ts';
import { demultiplex } from '#engine/demux.ts';
import type { Cancel, Engine } from '#engine/engine.ts';
import { SESSION_VARIABLE } from './shellEnvironment.ts';

/** What a terminal's other end is: an exec, or process 1. */
export interface TerminalProcess {
  readonly output: AsyncIterable<Uint8Array>;
  /** Resolves when the engine has taken the bytes. */
  write(bytes: Uint8Array): Promise<void>;
  resize(size: TerminalSize): Promise<void>;
  /** After the output has ended. */
  exitCode(): Promise<number>;
  /** Ends the process, where it is ours to end, and the connection. */
  end(): Promise<void>;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** How long a program may take to leave after it was told to, in milliseconds. */
const HANGUP_MS = 3000;

export interface ExecTerminal {
  readonly container: ContainerId;
  readonly session: string;
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly user?: string | undefined;
  readonly workingDir?: string | undefined;
  readonly size: TerminalSize;
}

/** Starts a program in a terminal of its own inside a container. */
export async function startExecTerminal(
  engine: Engine,
  request: ExecTerminal,
  options?: Cancel,
): Promise<TerminalProcess> {
  const { container, command, env, user, workingDir, size, session } = request;
  const exec = await engine.openExec(container, {
    command,
    env,
    user,
    workingDir,
    tty: true,
    stdin: true,
    ...options,
  });
  await exec.resize(size);
  let over = false;
  return {
    output: noticing(exec.output, () => {
      over = true;
    }),
    write: (bytes) => exec.write(bytes),
    resize: (next) => exec.resize(next),
    exitCode: () => exec.exitCode(),
    async end() {
      // Closing the connection of an exec with a terminal leaves its process running for ever (moby#9098).
      if (!over) await hangUp(engine, container, session);
      exec.close();
    },
  };
}

async function* noticing(
  source: AsyncIterable<Uint8Array>,
  onEnd: () => void,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* source;
  } finally {
    onEnd();
  }
}

/** `$1`: the mark. The sender's own processes do not carry it in their environment, only in their arguments. */
const HANG_UP = `
marked() { for p in /proc/[0-9]*; do grep -q "$1" "$p/environ" 2>/dev/null && echo "\${p#/proc/}"; done; }
all() { for id in $(marked "$1"); do kill "-$2" "$id" 2>/dev/null; done; }
all "$1" HUP
all "$1" CONT
for i in 1 2 3 4 5 6 7 8 9 10; do
  [ -z "$(marked "$1")" ] && exit 0
  sleep 0.1 2>/dev/null || sleep 1
done
all "$1" KILL
`;

/**
 * Tells the session's processes, known by a variable in their environment, that their terminal is gone, as a closed window
 * does; what ignores that and still runs after a moment is killed. Nothing here needs more than a POSIX shell with grep.
 */
async function hangUp(engine: Engine, container: ContainerId, session: string): Promise<void> {
  const mark = `${SESSION_VARIABLE}=${session}`;
  const signal = AbortSignal.timeout(HANGUP_MS);
  try {
    await engine.exec(container, { command: ['sh', '-c', HANG_UP, 'sh', mark], user: '0', signal });
  } catch {
    // The container is gone, has no shell, or does not answer: the connection is closed all the same.
  }
}

/** The terminal of process 1, for containers that have one and keep their input open. */
export async function attachTerminal(
  engine: Engine,
  container: ContainerId,
  { tty, signal }: { readonly tty: boolean } & Cancel,
): Promise<TerminalProcess> {
  const attached = await engine.attach(container, { tty, stdin: true, signal });
  const left = new AbortController();
  return {
    output: tty ? attached.output : textOf(attached.output),
    write: (bytes) => attached.write(bytes),
    // The engine interface resizes execs only: process 1 keeps the size it has.
    resize: async () => undefined,
    exitCode: () => engine.waitContainer(container, { signal: left.signal }),
    async end() {
      left.abort(); // process 1 lives on without us
      attached.close();
    },
  };
}

/** Without a terminal, both outputs come in frames, and lines end without a return. */
async function* textOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  for await (const { bytes } of demultiplex(source)) {
    yield Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
  }
}
