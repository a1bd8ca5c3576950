import type { AppError } from '#contract/errors.ts';
import type { FakeContainer } from './state.ts';

/** What a container's process does. Times count from its start, in milliseconds of the fake's clock. */
export interface Program {
  readonly output?: readonly {
    readonly atMs: number;
    readonly text: string;
    readonly stream?: 'stdout' | 'stderr';
  }[];
  /** Ends by itself; runs until it is stopped when left out. */
  readonly exit?: { readonly atMs: number; readonly code: number };
  /** What SIGTERM (or another signal than SIGKILL) does. Left out: ends at once with 143. */
  readonly onTerminate?: { readonly afterMs: number; readonly code: number } | 'ignores';
  /** The healthcheck's command succeeds from then on; `Infinity` is never. Only looked at when there is a healthcheck. */
  readonly healthyAfterMs?: number;
  /** Stronger than `healthyAfterMs`: what a probe does at this age. */
  readonly probe?: (ageMs: number) => { readonly exitCode: number; readonly output: string };
  /** Starting fails, as with a missing executable. */
  readonly startError?: AppError;
  /** Echoes what comes in on standard input. */
  readonly echo?: boolean;
}

/** What a program is for; every field that is given must match. */
export interface ProgramMatch {
  readonly image?: string;
  readonly name?: string | RegExp;
  readonly command?: readonly string[];
  readonly label?: readonly [key: string, value: string];
}

/** `run` counts a container's starts from 1: "fails twice, then works" is a function of it. */
export type ProgramChoice = Program | ((container: FakeContainer, run: number) => Program);

export interface ExecOutcome {
  readonly exitCode: number;
  readonly stdout?: string | Uint8Array;
  readonly stderr?: string | Uint8Array;
  readonly afterMs?: number;
}

export interface ExecCall {
  readonly container: FakeContainer;
  readonly command: readonly string[];
  readonly user: string | undefined;
  readonly env: readonly string[];
  /** All of it: the handler is asked when input has ended. */
  readonly stdin: Uint8Array;
  readonly tty: boolean;
  readonly size: () => { readonly columns: number; readonly rows: number } | undefined;
}

/** Answers an exec, or leaves it to the next handler by giving undefined. */
export type ExecHandler = (call: ExecCall) => ExecOutcome | undefined | Promise<ExecOutcome | undefined>;

export function matches(match: ProgramMatch, container: FakeContainer): boolean {
  if (match.image !== undefined && match.image !== container.body.Image) return false;
  if (match.label !== undefined && container.labels[match.label[0]] !== match.label[1]) return false;
  if (match.command !== undefined && !sameWords(match.command, container.command)) return false;
  if (match.name === undefined) return true;
  return typeof match.name === 'string' ? match.name === container.name : match.name.test(container.name);
}

function sameWords(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((word, index) => word === right[index]);
}
