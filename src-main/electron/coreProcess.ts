import { type MessagePortMain, type UtilityProcess, utilityProcess } from 'electron';
import { CORE_ARGUMENTS } from './coreFlags.ts';
import type { FromCore, ToCore } from './coreMessages.ts';

/** What quitting waits for at most: the core ends streams and sessions in milliseconds. */
const STOP_LIMIT_MS = 5_000;

/** A core that dies this often in a minute will die again. */
const CRASH_LIMIT = 3;
const CRASH_SPAN_MS = 60_000;

/** The core's process, as the main process sees it. */
export interface CoreProcess {
  /** Hands a port of the window on. */
  accept(port: MessagePortMain): void;
  /** Resolves when the core has let go of everything and its process is gone. */
  stop(): Promise<void>;
}

export interface CoreProcessOptions {
  readonly entry: string;
  readonly openExternal: (url: string) => Promise<void>;
  /** The core died again and again; nothing is started any more. */
  readonly onLost: () => void;
}

/** Starts the core, and again when it dies: the window finds its way to the new one by itself. */
export function startCoreProcess(options: CoreProcessOptions): CoreProcess {
  let crashes: number[] = [];
  let stopping = false;
  let child = start();

  function start(): UtilityProcess {
    const started = utilityProcess.fork(options.entry, [], {
      serviceName: 'Slipway core',
      stdio: 'inherit',
      execArgv: CORE_ARGUMENTS,
    });
    started.on('message', (message: FromCore) => void options.openExternal(message.url));
    started.once('exit', () => {
      if (!stopping) restart();
    });
    return started;
  }

  function restart(): void {
    const now = performance.now();
    crashes = [...crashes.filter((at) => now - at < CRASH_SPAN_MS), now];
    if (crashes.length < CRASH_LIMIT) child = start();
    else options.onLost();
  }

  return {
    accept: (port) => child.postMessage({ type: 'port' } satisfies ToCore, [port]),
    async stop() {
      stopping = true;
      if (child.pid === undefined) return;
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      const limit = setTimeout(() => child.kill(), STOP_LIMIT_MS);
      child.postMessage({ type: 'stop' } satisfies ToCore);
      await gone;
      clearTimeout(limit);
    },
  };
}
