import { setTimeout as delay } from 'node:timers/promises';
import { AppFailure, isKind, throwIfCancelled } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import { demultiplex } from '../demux.ts';
import type { Cancel, Engine } from '../engine.ts';
import type { ByteSource, ExecRequest, ExecResult, ExecSession } from '../streams.ts';
import { aboutContainer, containerPath } from './containers.ts';
import { duplex } from './logs.ts';
import { flag, number, record, text } from './raw.ts';
import { encoded, type Transport } from './transport.ts';

/** Enough for a version, a probe, a list; who wants more opens a session. */
const DEFAULT_LIMIT_BYTES = 1024 * 1024;
/** The engine notes an exit code a moment after it has closed the output; under load up to a second or two. */
const EXIT_CODE_TRIES = 12;
/** An exec can be resized once its process runs, which the engine does not announce. As the docker CLI: ten tries. */
const RESIZE_TRIES = 10;

export function execCalls(transport: Transport): Pick<Engine, 'exec' | 'openExec'> {
  return {
    async openExec(id, request) {
      const { tty, stdin, signal } = request;
      const execId = await createExec(transport, id, request);
      return openSession(transport, execId, { tty, stdin, signal });
    },
    async exec(id, request) {
      const { stdin, limitBytes = DEFAULT_LIMIT_BYTES, signal } = request;
      const execId = await createExec(transport, id, { ...request, tty: false, stdin: stdin !== undefined });
      const session = await openSession(transport, execId, {
        tty: false,
        stdin: stdin !== undefined,
        signal,
      });
      try {
        // A command may end without reading all of its input: that is its own affair.
        const fed = stdin === undefined ? undefined : feed(session, stdin);
        // Together: an abort fails both, and neither may fail with nobody waiting for it.
        const [output] = await Promise.all([collect(session.output, limitBytes), fed]);
        return { exitCode: await session.exitCode({ signal }), ...output };
      } finally {
        session.close();
      }
    },
  };
}

async function feed(session: ExecSession, stdin: Uint8Array): Promise<void> {
  try {
    await session.write(stdin);
    session.end();
  } catch (thrown) {
    if (!isKind(thrown, 'engine.unreachable')) throw thrown;
  }
}

async function collect(source: ByteSource, limit: number): Promise<Omit<ExecResult, 'exitCode'>> {
  const kept = { stdin: [], stdout: [], stderr: [] } as Record<'stdin' | 'stdout' | 'stderr', Uint8Array[]>;
  let left = limit;
  let truncated = false;
  for await (const { stream, bytes } of demultiplex(source)) {
    const taken = bytes.subarray(0, left);
    truncated ||= taken.length < bytes.length;
    left -= taken.length;
    if (taken.length > 0) kept[stream].push(taken);
  }
  return { stdout: Buffer.concat(kept.stdout), stderr: Buffer.concat(kept.stderr), truncated };
}

async function createExec(
  transport: Transport,
  id: ContainerId,
  request: ExecRequest & { readonly tty: boolean; readonly stdin: boolean } & Cancel,
): Promise<string> {
  const answer = await transport.json({
    method: 'POST',
    path: `${containerPath(id)}/exec`,
    body: {
      AttachStdin: request.stdin,
      AttachStdout: true,
      AttachStderr: true,
      Tty: request.tty,
      Cmd: request.command,
      User: request.user,
      WorkingDir: request.workingDir,
      Env: request.env,
      Privileged: request.privileged,
    },
    about: aboutContainer(id),
    signal: request.signal,
  });
  return text(record(answer)['Id']);
}

async function openSession(
  transport: Transport,
  execId: string,
  { tty, signal }: { readonly tty: boolean; readonly stdin: boolean } & Cancel,
): Promise<ExecSession> {
  const { socket, source } = await transport.hijack({
    method: 'POST',
    path: `/exec/${encoded(execId)}/start`,
    body: { Detach: false, Tty: tty },
    about: { what: 'exec', id: execId },
    signal,
  });
  let onEnd = () => {};
  const ended = new Promise<void>((resolve) => {
    onEnd = resolve;
  });
  const output = noticingEnd(source, onEnd);
  return {
    ...duplex(transport, socket, output),
    id: execId,
    resize: (size) => resize(transport, execId, size),
    exitCode: async (options) => {
      await untilAborted(ended, options?.signal);
      return exitCode(transport, execId, options);
    },
  };
}

/** `onEnd` hears of the end, whichever way it comes: read to the end, closed, or broken. */
function noticingEnd(source: ByteSource, onEnd: () => void): ByteSource {
  async function* chunks(): AsyncGenerator<Uint8Array, void, void> {
    try {
      yield* source;
    } finally {
      onEnd();
    }
  }
  const iterator = chunks();
  const close = () => {
    source.close();
    onEnd();
  };
  return { [Symbol.asyncIterator]: () => iterator, close };
}

async function untilAborted(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  throwIfCancelled(signal);
  if (signal === undefined) return promise;
  let onAbort = () => {};
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve;
  });
  signal.addEventListener('abort', onAbort, { once: true });
  await Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
  throwIfCancelled(signal);
}

async function exitCode(transport: Transport, execId: string, options: Cancel | undefined): Promise<number> {
  const about = { what: 'exec', id: execId } as const;
  for (let tried = 0; tried < EXIT_CODE_TRIES; tried++) {
    const path = `/exec/${encoded(execId)}/json`;
    const answer = record(await transport.json({ method: 'GET', path, about, signal: options?.signal }));
    if (!flag(answer['Running']) && typeof answer['ExitCode'] === 'number') return number(answer['ExitCode']);
    await delay(2 ** tried, undefined, { signal: options?.signal }).catch(() =>
      throwIfCancelled(options?.signal),
    );
  }
  throw new AppFailure({
    kind: 'engine.failed',
    status: 200,
    transient: false,
    message: 'The command still runs, although its output has ended.',
  });
}

async function resize(
  transport: Transport,
  execId: string,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): Promise<void> {
  const about = { what: 'exec', id: execId } as const;
  for (let tried = 1; ; tried++) {
    try {
      const path = `/exec/${encoded(execId)}/resize`;
      return await transport.run({ method: 'POST', path, query: { h: rows, w: columns }, about });
    } catch (thrown) {
      if (isKind(thrown, 'engine.notFound')) return;
      if (!isKind(thrown, 'engine.failed', 'engine.conflict')) throw thrown;
      if (tried >= RESIZE_TRIES) return await unlessOver(transport, execId, thrown);
      await delay(tried * 10);
    }
  }
}

/** A session that has ended cannot be resized, and nobody minds. */
async function unlessOver(transport: Transport, execId: string, failure: AppFailure): Promise<void> {
  const path = `/exec/${encoded(execId)}/json`;
  const answer = record(await transport.json({ method: 'GET', path, about: { what: 'exec', id: execId } }));
  if (flag(answer['Running'])) throw failure;
}
