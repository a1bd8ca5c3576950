import { Disposables } from '#base/disposables.ts';
import { Demuxer } from '#engine/demux.ts';
import type { ExecSession } from '#engine/streams.ts';
import type { Output } from './output.ts';

/**
 * Joins a process in a container with this terminal until it ends, and answers its exit status. With a terminal keys go
 * through as they are pressed (Ctrl-C too) and the size follows; without one, standard error stays apart.
 */
export async function runAttached(
  session: ExecSession,
  options: { readonly tty: boolean; readonly output: Output },
): Promise<number> {
  const disposables = new Disposables();
  try {
    if (options.tty) takeTerminal(session, disposables);
    sendInput(session, disposables);
    await copyOutput(session, options);
    return await session.exitCode();
  } finally {
    await disposables.dispose();
    session.close();
  }
}

function takeTerminal(session: ExecSession, disposables: Disposables): void {
  const resize = () => {
    const { columns, rows } = process.stdout;
    if (columns && rows) void session.resize({ columns, rows });
  };
  process.stdin.setRawMode(true);
  disposables.defer(() => void process.stdin.setRawMode(false));
  process.stdout.on('resize', resize);
  disposables.defer(() => void process.stdout.off('resize', resize));
  resize();
}

/** One chunk at a time: no more is read than the engine takes. */
function sendInput(session: ExecSession, disposables: Disposables): void {
  const { stdin } = process;
  const onData = (chunk: Buffer) => {
    stdin.pause();
    // A process that has ended takes nothing more; its end is seen in the output.
    session.write(chunk).then(
      () => stdin.resume(),
      () => undefined,
    );
  };
  const onEnd = () => session.end();
  stdin.on('data', onData).once('end', onEnd);
  disposables.defer(() => {
    stdin.off('data', onData).off('end', onEnd).pause();
    // A pipe that is still open must not keep us from ending.
    stdin.unref?.();
  });
}

async function copyOutput(
  session: ExecSession,
  { tty, output }: { readonly tty: boolean; readonly output: Output },
): Promise<void> {
  const demuxer = new Demuxer();
  for await (const chunk of session.output) {
    if (tty) await write(process.stdout, chunk);
    else {
      for (const { stream, bytes } of demuxer.push(chunk)) {
        // With --json standard output belongs to the document.
        const toError = stream === 'stderr' || output.json;
        await write(toError ? process.stderr : process.stdout, bytes);
      }
    }
  }
}

async function write(stream: NodeJS.WriteStream, bytes: Uint8Array): Promise<void> {
  if (!stream.write(bytes)) await new Promise((resolve) => stream.once('drain', resolve));
}
