import type { Program } from '../support/fakeEngine/program.ts';

/** The same behaviour twice: as a command for a real container, and as a script for the fake. */
export interface TwinProgram {
  readonly command: readonly string[];
  readonly fake: Program;
}

const shell = (script: string) => ['sh', '-c', script] as const;

const TICKS = 600;

export const PROGRAMS = {
  /** Process 1 without a handler: SIGTERM does nothing to it. */
  idle: { command: ['sleep', '1000'], fake: { onTerminate: 'ignores' } },
  /** Ends on SIGTERM, with a code of its own, from the moment it has said so. */
  polite: {
    command: shell('trap "exit 7" TERM; echo ready; while :; do sleep 0.05; done'),
    fake: { output: [{ atMs: 0, text: 'ready\n' }], onTerminate: { afterMs: 30, code: 7 } },
  },
  fails: { command: shell('exit 3'), fake: { exit: { atMs: 0, code: 3 } } },
  /** Three lines, far enough apart that their order is certain, then the end. */
  prints: {
    command: shell('echo first; sleep 0.2; echo oops >&2; sleep 0.2; echo last'),
    fake: {
      output: [
        { atMs: 0, text: 'first\n' },
        { atMs: 200, text: 'oops\n', stream: 'stderr' },
        { atMs: 400, text: 'last\n' },
      ],
      exit: { atMs: 410, code: 0 },
    },
  },
  ticks: {
    command: shell('i=0; while :; do i=$((i+1)); echo tick $i; sleep 0.1; done'),
    fake: {
      output: Array.from({ length: TICKS }, (_, index) => ({
        atMs: index * 100,
        text: `tick ${index + 1}\n`,
      })),
      onTerminate: 'ignores',
    },
  },
  /** Not before a busy engine was asked how it is. */
  becomesHealthy: {
    command: shell('sleep 3; touch /tmp/ready; sleep 1000'),
    fake: { healthyAfterMs: 3000, onTerminate: 'ignores' },
  },
  neverHealthy: {
    command: shell('true; sleep 1001'),
    fake: { healthyAfterMs: Number.POSITIVE_INFINITY, onTerminate: 'ignores' },
  },
  cannotStart: {
    command: ['/no/such/executable'],
    fake: {
      startError: { kind: 'engine.failed', status: 400, transient: false, message: 'No such executable.' },
    },
  },
} satisfies Record<string, TwinProgram>;

export type ProgramName = keyof typeof PROGRAMS;

/** Commands that the suite runs by exec, and what the fake answers. */
export const EXECS = {
  bothStreams: {
    command: shell('echo out; echo err >&2; exit 3'),
    fake: () => ({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' }),
  },
  copiesInput: {
    command: ['cat'],
    fake: (call: { readonly stdin: Uint8Array }) => ({ exitCode: 0, stdout: call.stdin }),
  },
  greets: {
    command: shell('echo "$GREETING"'),
    fake: (call: { readonly env: readonly string[] }) => ({
      exitCode: 0,
      stdout: `${call.env.find((entry) => entry.startsWith('GREETING='))?.slice(9)}\n`,
    }),
  },
  floods: {
    command: shell('yes | head -c 100000'),
    fake: () => ({ exitCode: 0, stdout: 'y\n'.repeat(50_000) }),
  },
  waits: { command: ['sleep', '2'], fake: () => ({ exitCode: 0, afterMs: 2000 }) },
} as const;
