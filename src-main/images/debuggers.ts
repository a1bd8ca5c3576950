/** A debugger that is known by name: where it listens, and how a program is started under it. */
export interface Debugger {
  readonly id: DebuggerId;
  readonly title: string;
  /** Inside the container. */
  readonly port: number;
  /** Set for the time of the debugging; `add` is appended where the variable has a value already. */
  readonly environment?: { readonly name: string; readonly add: string };
  /** The program's command line under the debugger; undefined where it does not look like one of its programs. */
  readonly wrap?: (command: readonly string[]) => readonly string[] | undefined;
  /** What the image has to bring along for `wrap`. */
  readonly needs?: string;
  readonly capabilities?: readonly string[];
  /** What to point an editor at. */
  readonly attach: (host: string, port: number) => string;
}

export type DebuggerId = 'node' | 'jdwp' | 'debugpy' | 'delve';
export const DEBUGGERS: readonly DebuggerId[] = ['node', 'jdwp', 'debugpy', 'delve'];

const KNOWN: Readonly<Record<DebuggerId, Debugger>> = {
  node: {
    id: 'node',
    title: 'Node inspector',
    port: 9229,
    environment: { name: 'NODE_OPTIONS', add: '--inspect=0.0.0.0:9229' },
    attach: (host, port) => `chrome://inspect, or an editor attached to ${host}:${port}`,
  },
  jdwp: {
    id: 'jdwp',
    title: 'JDWP',
    port: 5005,
    environment: {
      name: 'JAVA_TOOL_OPTIONS',
      add: '-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=*:5005',
    },
    attach: (host, port) => `jdb -attach ${host}:${port}, or "Remote JVM" in an editor`,
  },
  debugpy: {
    id: 'debugpy',
    title: 'debugpy',
    port: 5678,
    wrap: (command) =>
      isProgram(command[0], /^python(?:\d(?:\.\d+)?)?$/)
        ? [command[0] ?? '', '-m', 'debugpy', '--listen', '0.0.0.0:5678', ...command.slice(1)]
        : undefined,
    needs: 'the Python module debugpy',
    attach: (host, port) => `"Python: Remote Attach" to ${host}:${port}`,
  },
  delve: {
    id: 'delve',
    title: 'delve',
    port: 2345,
    wrap: ([program, ...args]) =>
      program === undefined
        ? undefined
        : [
            'dlv',
            'exec',
            '--headless',
            '--continue',
            '--accept-multiclient',
            '--api-version=2',
            '--listen=:2345',
            program,
            ...(args.length > 0 ? ['--', ...args] : []),
          ],
    needs: 'dlv',
    capabilities: ['SYS_PTRACE'],
    attach: (host, port) => `dlv connect ${host}:${port}`,
  },
};

export function debuggerOf(id: DebuggerId): Debugger {
  return KNOWN[id];
}

/** The one that fits a command line; undefined where none can be told by it. */
export function likelyDebugger(command: readonly string[]): DebuggerId | undefined {
  const [program = ''] = command;
  if (isProgram(program, /^(?:node|npm|npx|yarn|pnpm)$/)) return 'node';
  if (isProgram(program, /^java$/)) return 'jdwp';
  if (isProgram(program, /^python/)) return 'debugpy';
  return undefined;
}

function isProgram(word: string | undefined, name: RegExp): boolean {
  return name.test(word?.split('/').at(-1) ?? '');
}
